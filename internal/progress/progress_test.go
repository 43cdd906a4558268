package progress_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/progress"
)

func TestReportsArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	want := progress.Report{Run: "train-1", Step: "fit", Attempt: 2, Fraction: 0.4217, Message: "epoch 3 <of> 7\n\x1b[2J"}
	got, ok := progress.Parse(want.Line())
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("%t, report (-want +got):\n%s", ok, diff)
	}
	if strings.ContainsAny(want.Line(), "\n\x1b") {
		t.Errorf("line %q has control characters", want.Line())
	}
}

func TestEveryReportHasALine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fraction, want float64
		message        string
	}{
		"too little": {-1, 0, "m"}, "too much": {42, 1, "m"}, "no number": {math.NaN(), 0, "m"}, "infinite": {math.Inf(1), 1, "m"},
		"long": {0.5, 0.5, strings.Repeat("ü", 1000)}, "control characters": {0.5, 0.5, strings.Repeat("\x01", 1000)}, "no text": {0.5, 0.5, "\xff\xfe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := progress.Report{Run: strings.Repeat("r", 63), Step: strings.Repeat("s", 63), Attempt: 1 << 30, Fraction: tt.fraction, Message: tt.message}.Line()
			got, ok := progress.Parse(line)
			if !ok || got.Fraction != tt.want || got.Message == "" {
				t.Errorf("of %q came %t, %+v", line, ok, got)
			}
		})
	}
}

func TestOtherLinesAreNoReports(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"", "42 %", `{"level":"info","msg":"progress","fraction":0.5}`, ` {"k8sorch.io/progress":{"fraction":0.5}}`,
		`{"k8sorch.io/progress":null}`, `{"k8sorch.io/progress":{"fraction":7}}`, `{"k8sorch.io/progress":{"fraction":"half"}}`, `{"k8sorch.io/progress":{`,
		`{"k8sorch.io/progress":{"fraction":0.5,"message":"` + strings.Repeat("m", 257) + `"}}`, `{"k8sorch.io/progress":{"fraction":0.5}} and more`,
		`{"k8sorch.io/progress":{"fraction":0.5}}` + strings.Repeat(" ", 4096),
	} {
		if r, ok := progress.Parse(line); ok {
			t.Errorf("%q was taken for the report %+v", line, r)
		}
	}
}

// said returns the fractions of the reports that were written.
func said(t *testing.T, log *bytes.Buffer) (fractions []float64) {
	t.Helper()
	for line := range strings.Lines(log.String()) {
		r, ok := progress.Parse(strings.TrimSuffix(line, "\n"))
		if !ok || r.Run != "run" || r.Step != "step" || r.Attempt != 3 {
			t.Fatalf("line %q", line)
		}
		fractions = append(fractions, r.Fraction)
	}
	return fractions
}

func TestAtMostOneReportInASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := progress.NewReporter(&log, "run", "step", 3)
		for i := range 100 {
			r.Report(float64(i)/100, "")
			time.Sleep(30 * time.Millisecond)
		}
		r.Close()
		if diff := cmp.Diff([]float64{0, 0.33, 0.66, 0.99}, said(t, &log)); diff != "" {
			t.Errorf("reports (-want +got):\n%s", diff)
		}
	})
}

func TestLastReportIsMadeThoughNoneFollows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := progress.NewReporter(&log, "run", "step", 3)
		defer r.Close()
		r.Report(0.1, "")
		r.Report(0.2, "")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]float64{0.1, 0.2}, said(t, &log)); diff != "" {
			t.Errorf("reports (-want +got):\n%s", diff)
		}
	})
}

func TestNothingIsReportedAfterTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := progress.NewReporter(&log, "run", "step", 3)
		r.Report(0.1, "")
		r.Report(1, "")
		r.Close()
		r.Report(0.5, "")
		r.Close()
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]float64{0.1, 1}, said(t, &log)); diff != "" {
			t.Errorf("reports (-want +got):\n%s", diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(progress.Report{Run: "r", Step: "s", Attempt: 1, Fraction: 0.5, Message: "m"}.Line())
	f.Add(`{"k8sorch.io/progress":{"fraction":-0}}`)
	f.Fuzz(func(t *testing.T, line string) {
		if r, ok := progress.Parse(line); ok && !(r.Fraction >= 0 && r.Fraction <= 1) {
			t.Errorf("%q was taken for the report %+v", line, r)
		}
	})
}
