package record

import (
	"encoding/json"
	"fmt"
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
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding report: %w", err)
	}
	for len(b) > MaxReport {
		if r.End == nil || r.End.Message == "" {
			return nil, fmt.Errorf("encoding report: %d bytes are more than the %d that a termination message holds", len(b), MaxReport)
		}
		end := *r.End
		end.Message = shorten(end.Message, len(b)-MaxReport)
		r.End = &end
		if b, err = json.Marshal(r); err != nil {
			return nil, fmt.Errorf("encoding report: %w", err)
		}
	}
	return b, nil
}

// DecodeReport reads a report. Anything else a container may have left there is an error.
func DecodeReport(message []byte) (Report, error) {
	var r Report
	if err := json.Unmarshal(message, &r); err != nil {
		return Report{}, fmt.Errorf("decoding report: %w", err)
	}
	if (r.Result == nil) == (r.End == nil) {
		return Report{}, fmt.Errorf("decoding report: it must have either a result or an end")
	}
	return r, nil
}

const cut = " … "

// shorten takes at least excess bytes out of the middle of s: the start of a message says what happened, its end where.
func shorten(s string, excess int) string {
	keep := len(s) - excess - len(cut)
	if keep <= 0 {
		return ""
	}
	head, tail := s[:keep/2], s[len(s)-(keep-keep/2):]
	return strings.ToValidUTF8(head, "") + cut + strings.ToValidUTF8(tail, "")
}
