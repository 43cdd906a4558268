package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

// tracer takes note of how the spans of runs end.
type tracer struct{ ends []pipeline.Outcome }

func (r *tracer) StartRun(_ context.Context, name, run string) (map[string]string, pipeline.EndSpan) {
	return map[string]string{"span": name + " " + run}, func(outcome pipeline.Outcome, _ string) { r.ends = append(r.ends, outcome) }
}

func (r *tracer) StartScheduledRun(ctx context.Context, name, run, seed string) (map[string]string, pipeline.EndSpan) {
	return r.StartRun(ctx, name, run+" "+seed)
}

func (r *tracer) StartAttempt(ctx context.Context, _ map[string]string, _ pipeline.Info) (context.Context, pipeline.EndSpan) {
	return ctx, func(pipeline.Outcome, string) {}
}

func TestSpanOfARunEndsOnce(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	for name, test := range map[string]struct {
		settings pipeline.KubernetesOrchestratorSettings
		want     []pipeline.Outcome
	}{
		"with the run":          {pipeline.KubernetesOrchestratorSettings{}, []pipeline.Outcome{pipeline.Succeeded}},
		"where nobody waits":    {pipeline.KubernetesOrchestratorSettings{Synchronous: new(false)}, []pipeline.Outcome{""}},
		"where the wait is cut": {pipeline.KubernetesOrchestratorSettings{Timeout: new(1)}, []pipeline.Outcome{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				slow, _ := held(release)
				p := p
				if test.settings.Timeout != nil {
					p = pipeline.New("p").Step(slow)
				}
				c, r := k8sorchtest.New(t, p), &tracer{}
				h, err := c.Orchestrator(pipeline.WithTracing(r)).Submit(c.Context(t.Context()), p, pipeline.RunSettings(test.settings))
				if err != nil {
					t.Fatal(err)
				}
				_, _ = h.WaitIfSynchronous(t.Context())
				close(release)
				if _, err := h.Wait(t.Context()); err != nil && test.settings.Timeout == nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, r.ends); diff != "" {
					t.Errorf("ends (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPlanCarriesTheTraceToThePods(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	run, err := c.Orchestrator(pipeline.WithTracing(&tracer{})).Run(c.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	_, plan, err := kube.ReadRun(t.Context(), c.Clientset(), kube.Ref{Namespace: k8sorchtest.Namespace, Run: run.ID, Pipeline: "p"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"span": "p " + run.ID}, plan.Trace); diff != "" {
		t.Errorf("carrier (-want +got):\n%s", diff)
	}
}
