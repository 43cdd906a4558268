package pipeline

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/progress"
)

// What looks like the progress of another attempt is a line like any other.
func TestProgressIsThatOfTheLogsOwnAttempt(t *testing.T) {
	t.Parallel()
	own := progress.Report{Run: "r", Step: "fit", Attempt: 2, Fraction: 0.5, Message: "m"}
	another := map[string]progress.Report{"run": own, "step": own, "attempt": own}
	for name, change := range map[string]func(*progress.Report){
		"run":     func(r *progress.Report) { r.Run = "q" },
		"step":    func(r *progress.Report) { r.Step = "load" },
		"attempt": func(r *progress.Report) { r.Attempt = 1 },
	} {
		r := another[name]
		change(&r)
		if got := toldOf(r.Line()); got != LogLine {
			t.Errorf("the progress of another %s is told as %q", name, got)
		}
	}
	if got := toldOf(own.Line()); got != StepProgress {
		t.Errorf("the progress of the attempt is told as %q", got)
	}
}

// toldOf returns the kind of the event that comes of a line in the log of attempt 2 of step fit in run r.
func toldOf(line string) (kind EventKind) {
	tr := &tracker{run: &Run{ID: "r"}, tails: map[string]*logTail{}, events: func(e Event) { kind = e.Kind }}
	tr.log("fit", 2, line)
	return kind
}

func TestEndOfALogHasNoProgress(t *testing.T) {
	t.Parallel()
	var lines, want []string
	for i := range searchedLines {
		lines = append(lines, progress.Report{Run: "r", Step: "fit", Attempt: 1, Fraction: 0.5}.Line())
		if i%5 == 0 {
			lines = append(lines, fmt.Sprintf("line %d", i))
			want = append(want, fmt.Sprintf("line %d", i))
		}
	}
	if diff := cmp.Diff(want[len(want)-keptLines:], endOfLog(lines)); diff != "" {
		t.Errorf("end of the log (-want +got):\n%s", diff)
	}
}
