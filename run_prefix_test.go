package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestPodsAreKnownByNamesWithAPrefix(t *testing.T) {
	t.Parallel()
	hang, running := hanging()
	flaky := pipeline.Func0("flaky", func(ctx context.Context) (int, error) {
		if pipeline.AttemptInfo(ctx).Attempt == 1 {
			return 0, errors.New("not yet")
		}
		return 1, nil
	}).Retry(pipeline.Retry{MaxRetries: 1})
	p := pipeline.New("p").Step(pipeline.Func("after", increment, hang), flaky).
		Settings(pipeline.KubernetesOrchestratorSettings{PodNamePrefix: new("vision")})
	c := k8sorchtest.New(t, p)
	done := make(chan struct{})
	h, err := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
		if e.Step == "flaky" && e.Outcome == pipeline.Succeeded {
			close(done)
		}
	})).Submit(c.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-running
		<-done
		if err := h.Stop(t.Context(), "enough"); err != nil {
			t.Error(err)
		}
	}()
	run, err := h.Wait(t.Context())
	if s, _ := run.Step("hang"); err == nil || s.Outcome != pipeline.Stopped || len(c.Pods("flaky")) != 2 {
		t.Errorf("run = %+v, %v, want a stopped step and one with two attempts", run, err)
	}
	// Attempts are confirmed, removed and their logs read by the names of their pods.
	for _, action := range c.Clientset().Actions() {
		named, ok := action.(interface{ GetName() string })
		if !ok || action.GetResource().Resource != "pods" || action.Matches("create", "pods") {
			continue
		}
		if name := named.GetName(); !strings.HasPrefix(name, "vision-") && !strings.HasPrefix(name, h.ID) {
			t.Errorf("%s of pod %s, whose name has no prefix", action.GetVerb(), name)
		}
	}
}
