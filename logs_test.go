package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// logLine is a line of a log, as it was told.
type logLine struct {
	Step, Line string
	Attempt    int
}

// logged reads logs of a run. On the fake clientset every log is one line, "fake logs".
func logged(t *testing.T, h *pipeline.Handle, q pipeline.LogQuery) (lines []logLine, err error) {
	t.Helper()
	err = h.Logs(t.Context(), q, func(e pipeline.Event) {
		if e.Kind == pipeline.LogLine {
			lines = append(lines, logLine{e.Step, e.Message, e.Attempt})
		}
	})
	return lines, err
}

func TestLogsOfEveryStep(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", number)
	p := pipeline.New("p").Step(pipeline.Func("b", increment, a)).OnExit("tell", func(context.Context, pipeline.RunEnd) error { return nil })
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	h := reopened(t, c, p, run.ID)
	for name, want := range map[string][]logLine{"": {{"a", "fake logs", 1}, {"b", "fake logs", 1}, {"tell", "fake logs", 1}}, "b": {{"b", "fake logs", 1}}} {
		lines, err := logged(t, h, pipeline.LogQuery{Step: name, Tail: 5, Follow: true})
		if diff := cmp.Diff(want, lines); diff != "" || err != nil {
			t.Errorf("step %q: error %v, lines (-want +got):\n%s", name, err, diff)
		}
	}
	for _, read := range logOptions(c) {
		if read.TailLines == nil || *read.TailLines != 5 || read.Follow {
			t.Errorf("a log was asked for with %+v, want the last 5 lines of one that has ended", read)
		}
	}
}

// logOptions returns how logs of steps were asked for by the one who did so with a tail.
func logOptions(c *k8sorchtest.Cluster) (asked []*corev1.PodLogOptions) {
	for _, action := range c.Clientset().Actions() {
		if read, ok := action.(clienttesting.GenericActionImpl); ok && read.Subresource == "log" {
			if options := read.Value.(*corev1.PodLogOptions); options.TailLines != nil {
				asked = append(asked, options)
			}
		}
	}
	return asked
}

func TestLogsAreRefused(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	h := reopened(t, c, p, run.ID)
	for want, q := range map[string]pipeline.LogQuery{
		`it has no step "b"; it has a`:         {Step: "b"},
		"it is Succeeded and has no attempt 2": {Step: "a", Attempt: 2},
		"give numbers from 0":                  {Tail: -1},
	} {
		if _, err := logged(t, h, q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v does not say %q", q, err, want)
		}
	}
}

func TestLogsAreFollowedToTheEndOfTheStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first, second := make(chan struct{}), make(chan struct{})
		slow, running := held(first)
		after := pipeline.Func("after", func(context.Context, int) (int, error) {
			<-second
			return 1, nil
		}, slow)
		p := pipeline.New("p").Step(after)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		synctest.Wait()
		go func() {
			synctest.Wait()
			close(first)
		}()
		lines, err := logged(t, reopened(t, c, p, h.ID), pipeline.LogQuery{Step: "slow", Follow: true})
		if diff := cmp.Diff([]logLine{{"slow", "fake logs", 1}}, lines[:min(1, len(lines))]); diff != "" || err != nil {
			t.Errorf("error %v, lines (-want +got):\n%s", err, diff)
		}
		for _, line := range lines {
			if line.Step != "slow" {
				t.Errorf("a line of step %q was told", line.Step)
			}
		}
		if how := finished(t, c, h.ID); how != "" {
			t.Errorf("following the log of a step lasted to the end of the run")
		}
		close(second)
		synctest.Wait()
	})
}
