package attempt

import (
	"cmp"
	"fmt"
	"os"

	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Exit codes of a step's process. They say in brief what its report says, for those who have no report: a process that
// was killed while writing it, or a disk that was full.
const (
	// ExitResult: the step succeeded. It means so only together with a record or a report.
	ExitResult = 0
	// ExitFailed: the step failed.
	ExitFailed = 1
	// ExitLost: the attempt was lost, and another one is worth its while (EX_TEMPFAIL of sysexits.h).
	ExitLost = 75
)

// ExitCode returns the code with which the process of an attempt ends.
func ExitCode(r record.Report) int {
	switch {
	case r.Result != nil:
		return ExitResult
	case r.End != nil && r.End.Outcome == record.Lost:
		return ExitLost
	}
	return ExitFailed
}

// WriteReport leaves the report in the role's file. It writes in place, because the kubelet mounts that very file into
// the container.
func WriteReport(role reexec.Role, r record.Report) error {
	b, err := r.EncodeWithin(reportSize(role))
	if err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	if err := os.WriteFile(role.Report, b, 0o600); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// reportSize is how many bytes of the role's report arrive.
func reportSize(role reexec.Role) int { return cmp.Or(role.ReportSize, record.MaxReport) }

// ID names one attempt and the process that ran it.
type ID struct {
	Run, Step string
	Attempt   int
	UID       string
}

// ParseReport reads what the process of the attempt id left behind. Any container may write anything there, so it is an
// error unless it is a report of this very attempt: one about a record that stands may name another attempt's.
func ParseReport(message []byte, id ID) (record.Report, error) {
	r, err := record.DecodeReport(message)
	if err != nil {
		return record.Report{}, err
	}
	if err := checkReport(r, id); err != nil {
		return record.Report{}, fmt.Errorf("checking report: %w", err)
	}
	return r, nil
}

func checkReport(r record.Report, id ID) error {
	if r.End != nil {
		if r.End.Outcome != record.Failed && r.End.Outcome != record.Lost {
			return fmt.Errorf("%q is not how a process can say that it ended", r.End.Outcome)
		}
		return nil
	}
	got := ID{Run: r.Result.Run, Step: r.Result.Step, Attempt: r.Result.Attempt, UID: r.Result.UID}
	if r.Recorded {
		got.Attempt, got.UID = id.Attempt, id.UID
	}
	switch {
	case got != id:
		return fmt.Errorf("it is of %+v, not of %+v", got, id)
	case r.Result.Inline && !r.Recorded:
		return checkValue(*r.Result, r.Value)
	}
	return nil
}
