package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch"
)

// said is what a step says of its progress so many seconds after noon.
func said(attempt, seconds int, fraction float64, message string) pipeline.Event {
	return pipeline.Event{
		Kind: pipeline.StepProgress, Run: "train-1", Step: "fit", Attempt: attempt, Fraction: fraction, Message: message,
		Time: noon.Add(time.Duration(seconds) * time.Second),
	}
}

func told(t *testing.T, events ...pipeline.Event) []string {
	t.Helper()
	var out bytes.Buffer
	v := newLineView(&out, style{})
	for _, e := range events {
		v.event(e)
	}
	v.close()
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func TestLinesOfProgressAreFew(t *testing.T) {
	t.Parallel()
	var events []pipeline.Event
	for second := range 100 {
		events = append(events, said(1, second, float64(second)/100, fmt.Sprintf("epoch %d", second)))
	}
	got := told(t, events...)
	if len(got) != 10 {
		t.Errorf("of 100 s with 100 reports there are %d lines, want one for every 10 %%:\n%s", len(got), strings.Join(got, "\n"))
	}
	if want := "12:00:10 fit   10 %  epoch 10"; got[1] != want {
		t.Errorf("line %q, want %q", got[1], want)
	}
}

func TestLinesOfProgress(t *testing.T) {
	t.Parallel()
	got := told(t,
		said(1, 0, 0, "loading"),
		said(1, 5, 0.9, "too soon"),
		said(1, 10, 0.05, "not far enough"),
		said(1, 20, 0.2, "training"),
		said(1, 80, 0.2, "still\x1b[2J training\nand more"),
		said(1, 90, 0.1, "from the start"),
		said(2, 91, 0.999, "the next attempt"),
		said(2, 120, 1, ""),
		said(2, 200, 1, ""),
	)
	want := []string{
		"12:00:00 fit    0 %  loading",
		"12:00:20 fit   20 %  training",
		"12:01:20 fit   20 %  still training",
		"12:01:30 fit   10 %  from the start",
		"12:01:31 fit   99 %  the next attempt",
		"12:03:20 fit  100 %",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestBoardShowsProgress(t *testing.T) {
	t.Parallel()
	b := newBoard(style{})
	step := func(attempt int, state string) pipeline.Event {
		return pipeline.Event{Kind: pipeline.StepChanged, Step: "fit", Attempt: attempt, State: state, Time: noon}
	}
	for _, tt := range []struct {
		event pipeline.Event
		want  string
	}{
		{step(1, "Running"), "  fit  Running  attempt 1      5s"},
		{said(1, 1, 0.42, "epoch\x1b[2J 3"), "  fit  Running  attempt 1      5s   42 %  epoch 3"},
		{step(2, "Starting"), "  fit  Starting  attempt 2      5s"},
		{said(1, 2, 0.5, "late"), "  fit  Starting  attempt 2      5s"},
		{step(2, "Running"), "  fit  Running  attempt 2      5s"},
		{said(2, 3, 1, ""), "  fit  Running  attempt 2      5s  100 %"},
	} {
		b.take(tt.event)
		if got := b.frame(noon.Add(5*time.Second), 80, 10)[0]; got != tt.want {
			t.Errorf("after %+v the board shows %q, want %q", tt.event, got, tt.want)
		}
	}
}

func TestProgressDoesNotScroll(t *testing.T) {
	t.Parallel()
	if lasting(said(1, 0, 0.5, "")) {
		t.Error("the live view would print a line for what its board shows")
	}
}
