package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// reading is what a client has read of the logs of a run with one step, which fails.
type reading struct {
	// lines are the events of lines, follows the requests that follow a log while both pods run.
	lines, follows int
	// end is the end of the step's log.
	end []string
}

func readLogs(t *testing.T, stream bool) (got reading) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begin := make(chan struct{})
		p := pipeline.New("p").Step(pipeline.Func0("bad", func(context.Context) (int, error) {
			<-begin
			return 0, errors.New("bad")
		})).Settings(pipeline.KubernetesOrchestratorSettings{StreamStepLogs: new(stream)})
		c := k8sorchtest.New(t, p)
		h, err := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
			if e.Kind == pipeline.LogLine {
				got.lines++
			}
		})).Submit(c.Context(t.Context()), p)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			synctest.Wait() // Until both pods are in sight.
			got.follows = countFollows(c)
			close(begin)
		}()
		run, err := h.Wait(t.Context())
		if err == nil {
			t.Error("the run succeeded")
		}
		s, _ := run.Step("bad")
		got.end = s.Log
	})
	return got
}

func countFollows(c *k8sorchtest.Cluster) (follows int) {
	for _, action := range c.Clientset().Actions() {
		if read, ok := action.(clienttesting.GenericActionImpl); ok && read.Subresource == "log" && read.Value.(*corev1.PodLogOptions).Follow {
			follows++
		}
	}
	return follows
}

func TestLogsAreNotStreamedWhenTurnedOff(t *testing.T) {
	t.Parallel()
	on, off := readLogs(t, true), readLogs(t, false)
	if on.lines == 0 || off.lines != 0 {
		t.Errorf("%d lines are told when logs are streamed, %d when they are not; want some and none", on.lines, off.lines)
	}
	// The log of the orchestrator, which is the other pod, is followed in any case: it may say what hinders the run.
	if off.follows != 1 || on.follows != 2 {
		t.Errorf("logs are followed with %d requests when they are streamed, with %d when not; want 2 and 1", on.follows, off.follows)
	}
	// This is what a fake clientset has for every log.
	want := []string{"fake logs"}
	for _, end := range [][]string{on.end, off.end} {
		if diff := cmp.Diff(want, end); diff != "" {
			t.Errorf("the end of the log of the step that failed (-want +got):\n%s", diff)
		}
	}
}
