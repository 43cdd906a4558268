package process

import (
	"encoding/json"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

var testID = attempt.ID{Run: "r", Step: "s", Attempt: 2, UID: "u"}

func reported(t *testing.T, r record.Report) []byte {
	t.Helper()
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestJudgeGoesByReportThenRecordThenProcess(t *testing.T) {
	t.Parallel()
	own := record.Result{Run: "r", Step: "s", Attempt: 2, UID: "u", Digest: "d"}
	others := record.Result{Run: "r", Step: "s", Attempt: 1, UID: "v", Digest: "e"}
	failed := record.Report{End: &record.End{Outcome: record.Failed, Reason: "Error"}}
	reportedOwn := reported(t, record.Report{Result: &own})
	reportedOthers := reported(t, record.Report{Result: &others, Recorded: true})
	killed := &exit{signal: syscall.SIGKILL}
	said := &record.Metadata{Values: map[string]string{"rows": "7"}}
	for name, test := range map[string]struct {
		evidence evidence
		want     record.Report // of an end only outcome, reason and exit code
	}{
		"reported failure":                 {evidence{report: reported(t, failed), exit: &exit{code: 1}}, ending(record.Failed, "Error", 1)},
		"reported failure that nobody saw": {evidence{report: reported(t, failed)}, ending(record.Failed, "Error", 0)},
		"reported result":                  {evidence{report: reportedOwn}, record.Report{Result: &own}},
		"reported result, then killed":     {evidence{report: reportedOwn, exit: killed}, record.Report{Result: &own}},
		"reported another's record":        {evidence{report: reportedOthers}, record.Report{Result: &others, Recorded: true}},
		"recorded, then killed":            {evidence{record: &own, exit: killed}, record.Report{Result: &own, Recorded: true}},
		"recorded, and nobody saw the end": {evidence{record: &own}, record.Report{Result: &own, Recorded: true}},
		"another recorded, killed":         {evidence{record: &others, exit: killed}, ending(record.Lost, "Killed", 0)},
		"nothing, and nobody saw the end":  {evidence{}, ending(record.Lost, "Abandoned", 0)},
		"told to terminate, exits":         {evidence{told: true, exit: &exit{code: 3}}, ending(record.Lost, "Terminated", 3)},
		"told to terminate, killed":        {evidence{told: true, exit: killed}, ending(record.Lost, "Terminated", 0)},
		"terminated by someone":            {evidence{exit: &exit{signal: syscall.SIGTERM}}, ending(record.Lost, "Killed", 0)},
		"segmentation fault":               {evidence{exit: &exit{signal: syscall.SIGSEGV}}, ending(record.Failed, "Signal", 0)},
		"past its deadline, reports": {
			evidence{report: reported(t, failed), exit: &exit{code: 1}, deadline: time.Minute}, ending(record.Failed, "DeadlineExceeded", 1),
		},
		"past its deadline, has said something": {
			evidence{report: reported(t, record.Report{End: &record.End{Outcome: record.Failed, Metadata: said}}), exit: &exit{code: 1}, deadline: time.Minute},
			record.Report{End: &record.End{Outcome: record.Failed, Reason: "DeadlineExceeded", ExitCode: 1, Metadata: said}},
		},
		"past its deadline, killed":     {evidence{exit: killed, deadline: time.Minute}, ending(record.Failed, "DeadlineExceeded", 0)},
		"past its deadline, recorded":   {evidence{record: &own, exit: killed, deadline: time.Minute}, record.Report{Result: &own, Recorded: true}},
		"reports a result in its grace": {evidence{report: reportedOwn, exit: &exit{}, deadline: time.Minute}, record.Report{Result: &own}},
		"exits cleanly":                 {evidence{exit: &exit{}}, ending(record.Failed, "NoResult", 0)},
	} {
		test.evidence.id = testID
		got := judge(test.evidence)
		if got.End != nil {
			got.End.Message = ""
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func ending(outcome record.Outcome, reason string, code int) record.Report {
	return record.Report{End: &record.End{Outcome: outcome, Reason: reason, ExitCode: code}}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte(`{"end":{"outcome":"Failed"}}`), 1)
	f.Add([]byte(`{"result":{"run":"r","step":"s","attempt":2,"uid":"u"}}`), 0)
	f.Add([]byte(`{"result":{},"end":{}}`), 0)
	f.Fuzz(func(t *testing.T, report []byte, code int) {
		got := judge(evidence{id: testID, report: report, exit: &exit{code: code}})
		if (got.Result == nil) == (got.End == nil) {
			t.Errorf("judge() = %+v, want either a result or an end", got)
		}
		if got.Result != nil && !json.Valid(report) {
			t.Errorf("judge() took %q for a success", report)
		}
	})
}
