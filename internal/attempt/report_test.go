package attempt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

var id = attempt.ID{Run: "r", Step: "train", Attempt: 2, UID: "u"}

func TestReportSurvivesItsFile(t *testing.T) {
	t.Parallel()
	r := result([]byte("7"), true)
	for name, want := range map[string]record.Report{
		"result": {Result: &r, Value: []byte("7")},
		"end":    {End: &record.End{Outcome: record.Failed, Reason: "Error", Message: "no rows"}},
	} {
		path := filepath.Join(t.TempDir(), "report")
		if err := attempt.WriteReport(reexec.Role{Report: path}, want); err != nil {
			t.Fatal(err)
		}
		message, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := attempt.ParseReport(message, id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReportOfALongMessageKeepsBothEnds(t *testing.T) {
	t.Parallel()
	long := "first" + strings.Repeat("x", 1<<20) + "last"
	for given, most := range map[int]int{0: record.MaxReport, 1000: 1000} {
		role := reexec.Role{Report: filepath.Join(t.TempDir(), "report"), ReportSize: given}
		if err := attempt.WriteReport(role, record.Report{End: &record.End{Outcome: record.Failed, Message: long}}); err != nil {
			t.Fatal(err)
		}
		message, err := os.ReadFile(role.Report)
		if err != nil {
			t.Fatal(err)
		}
		r, err := attempt.ParseReport(message, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.End.Message; len(message) > most || !strings.HasPrefix(got, "first") || !strings.HasSuffix(got, "last") {
			t.Errorf("%d bytes were written, the message is %.20q … %.20q", len(message), got, got[max(0, len(got)-20):])
		}
	}
}

func TestParseReportRefusesForeignReports(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"nothing":           ``,
		"text":              `done`,
		"neither":           `{}`,
		"impossible end":    `{"end":{"outcome":"Succeeded"}}`,
		"skipped":           `{"end":{"outcome":"Skipped"}}`,
		"another step":      `{"result":{"run":"r","step":"load","attempt":2,"uid":"u"}}`,
		"another run":       `{"result":{"run":"q","step":"train","attempt":2,"uid":"u"},"recorded":true}`,
		"another attempt":   `{"result":{"run":"r","step":"train","attempt":1,"uid":"u"}}`,
		"another process":   `{"result":{"run":"r","step":"train","attempt":2,"uid":"v"}}`,
		"another's value":   `{"result":{"run":"r","step":"train","attempt":2,"uid":"u","inline":true,"digest":"sha256:00"},"value":"Nw=="}`,
		"a value too short": `{"result":{"run":"r","step":"train","attempt":2,"uid":"u","inline":true,"size":9}}`,
	} {
		if r, err := attempt.ParseReport([]byte(message), id); err == nil {
			t.Errorf("%s: ParseReport() = %+v, want an error", name, r)
		}
	}
}

func TestParseReportAcceptsTheStandingRecordOfAnotherAttempt(t *testing.T) {
	t.Parallel()
	r, err := attempt.ParseReport([]byte(`{"result":{"run":"r","step":"train","attempt":1,"uid":"v"},"recorded":true}`), id)
	if err != nil || r.Result.Attempt != 1 {
		t.Errorf("ParseReport() = %+v, %v, want the result of attempt 1", r, err)
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(`{"result":{"run":"r","step":"train","attempt":2,"uid":"u","inline":true},"value":"Nw=="}`))
	f.Add([]byte(`{"end":{"outcome":"Lost","reason":"Terminated"}}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := attempt.ParseReport(message, id)
		if err == nil && (r.Result == nil) == (r.End == nil) {
			t.Errorf("ParseReport(%q) = %+v, want either a result or an end", message, r)
		}
	})
}

func TestExitCodesTellOutcomesApart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		report record.Report
		want   int
	}{
		"result": {record.Report{Result: &record.Result{}}, attempt.ExitResult},
		"failed": {record.Report{End: &record.End{Outcome: record.Failed}}, attempt.ExitFailed},
		"lost":   {record.Report{End: &record.End{Outcome: record.Lost}}, attempt.ExitLost},
	} {
		if got := attempt.ExitCode(test.report); got != test.want {
			t.Errorf("%s: ExitCode() = %d, want %d", name, got, test.want)
		}
	}
}
