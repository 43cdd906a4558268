package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// MaxReport is the size in bytes of a report: what the kubelet keeps of one container's termination message
// (k8s.io/kubernetes/pkg/kubelet/container.MaxContainerTerminationMessageLength).
const MaxReport = 4096

// maxReports is what the kubelet keeps of the termination messages of a whole pod, divided evenly among its containers
// (k8s.io/kubernetes/pkg/kubelet/container.MaxPodTerminationMessageLogLength).
const maxReports = 12 * 1024

// ReportSize returns the size of a report in bytes in a pod with that many containers, init containers included.
func ReportSize(containers int) int { return min(MaxReport, maxReports/max(containers, 1)) }

// Report is what the process of an attempt leaves behind when it ends, in its termination message: the result or the
// way it failed. It reaches the orchestrator even when the API server was out of the step's reach.
type Report struct {
	// Result is set when the step succeeded.
	Result *Result `json:"result,omitempty"`
	// Value is the encoded value of a result that is inline and not recorded yet.
	Value []byte `json:"value,omitempty"`
	// Recorded tells that the process made the result record itself.
	Recorded bool `json:"recorded,omitempty"`
	// End is set when the step did not succeed.
	End *End `json:"end,omitempty"`
}

// Encode returns the report in at most [MaxReport] bytes.
func (r Report) Encode() ([]byte, error) { return r.EncodeWithin(MaxReport) }

// EncodeWithin returns the report in at most that many bytes, with less metadata and with the end's message cut short where
// it must be. A result that does not fit without its metadata is an error: cutting it would lose the value.
func (r Report) EncodeWithin(size int) ([]byte, error) {
	b, err := r.marshal()
	if err != nil || len(b) <= size {
		return b, err
	}
	if r.End != nil {
		return r.withLess(size / 2).encodeShort(size)
	}
	if b, err = r.withLess(size).marshal(); err == nil && len(b) > size {
		err = tooLong(b, size)
	}
	return b, err
}

// withLess returns the report with as much of its metadata as there is room for in that many bytes, beside everything else
// but the end's message.
func (r Report) withLess(size int) Report {
	var said *Metadata
	whole := r
	switch {
	case r.End != nil:
		whole.End, said = new(*r.End), r.End.Metadata
		whole.End.Message = ""
	case r.Result != nil:
		whole.Result, said = new(*r.Result), r.Result.Metadata
	}
	left := sort.Search(said.len(), func(less int) bool {
		whole.setMetadata(said.first(said.len() - less))
		b, err := whole.marshal()
		return err != nil || len(b) <= size
	})
	whole.setMetadata(said.first(said.len() - left))
	if r.End != nil {
		whole.End.Message = r.End.Message
	}
	return whole
}

// setMetadata replaces the metadata in what the report holds.
func (r Report) setMetadata(m *Metadata) {
	if r.End != nil {
		r.End.Metadata = m
	} else if r.Result != nil {
		r.Result.Metadata = m
	}
}

// encodeShort encodes the report with as much of its message as there is room for. How much that is shows only in the
// encoded form, in which some characters take six bytes.
func (r Report) encodeShort(size int) ([]byte, error) {
	end, message := *r.End, r.End.Message
	r.End = &end
	var b []byte
	var err error
	kept := sort.Search(size, func(less int) bool {
		end.Message = shorten(message, size-less)
		b, err = r.marshal()
		return err != nil || len(b) <= size
	})
	end.Message = shorten(message, size-kept)
	if b, err = r.marshal(); err == nil && len(b) > size {
		err = tooLong(b, size)
	}
	return b, err
}

func tooLong(b []byte, size int) error {
	return fmt.Errorf("encoding report: %d bytes are more than the %d that a termination message holds", len(b), size)
}

// marshal encodes the report as it is. HTML is not escaped: a message that quotes some would be cut to a sixth.
func (r Report) marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("encoding report: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// DecodeReport reads a report. Anything else a container may have left there is an error.
func DecodeReport(message []byte) (Report, error) {
	var r Report
	if err := json.Unmarshal(message, &r); err != nil {
		return Report{}, fmt.Errorf("decoding report: %w", err)
	}
	if (r.Result == nil) == (r.End == nil) {
		return Report{}, errors.New("decoding report: it must have either a result or an end")
	}
	return r, nil
}

const cut = " … "

// shorten returns s in at most size bytes, without its middle: the start of a message says what happened, its end where.
func shorten(s string, size int) string {
	keep := size - len(cut)
	switch {
	case len(s) <= size:
		return s
	case keep <= 0:
		return ""
	}
	head, tail := s[:keep/2], s[len(s)-(keep-keep/2):]
	return strings.ToValidUTF8(head, "") + cut + strings.ToValidUTF8(tail, "")
}
