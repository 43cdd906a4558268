package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// MaxReport is the size in bytes of a report: what the kubelet keeps of a container's termination message
// (k8s.io/kubernetes/pkg/kubelet/container.MaxPodTerminationMessageLogLength for one container).
const MaxReport = 4096

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

// Encode returns the report in at most [MaxReport] bytes, with the end's message cut short where it must be. A result
// that does not fit is an error: cutting it would lose the value.
func (r Report) Encode() ([]byte, error) {
	b, err := r.marshal()
	if err != nil || len(b) <= MaxReport {
		return b, err
	}
	if r.End != nil {
		return r.encodeShort()
	}
	return nil, tooLong(b)
}

// encodeShort encodes the report with as much of its message as there is room for. How much that is shows only in the
// encoded form, in which some characters take six bytes.
func (r Report) encodeShort() ([]byte, error) {
	end, message := *r.End, r.End.Message
	r.End = &end
	var b []byte
	var err error
	kept := sort.Search(MaxReport, func(less int) bool {
		end.Message = shorten(message, MaxReport-less)
		b, err = r.marshal()
		return err != nil || len(b) <= MaxReport
	})
	end.Message = shorten(message, MaxReport-kept)
	if b, err = r.marshal(); err == nil && len(b) > MaxReport {
		err = tooLong(b)
	}
	return b, err
}

func tooLong(b []byte) error {
	return fmt.Errorf("encoding report: %d bytes are more than the %d that a termination message holds", len(b), MaxReport)
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
