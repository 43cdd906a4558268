package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ktesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestHooksOutliveTheOrchestrator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		running, release := make(chan struct{}), make(chan struct{})
		var h listener
		p := h.on(pipeline.New("p").Step(pipeline.Func0("a", number))).OnExit("slow", func(ctx context.Context, _ pipeline.RunEnd) error {
			close(running)
			<-release
			return ctx.Err()
		})
		c := k8sorchtest.New(t, p)
		go func() {
			<-running
			synctest.Wait()
			c.KillOrchestrator()
			synctest.Wait()
			close(release)
		}()
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]pipeline.Outcome{"celebrate": pipeline.Succeeded, "clean": pipeline.Succeeded, "slow": pipeline.Succeeded}
		if diff := cmp.Diff(want, hookOutcomes(run)); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
		started := c.Started()
		slices.Sort(started)
		if diff := cmp.Diff([]string{"a", "celebrate", "clean", "slow"}, started); diff != "" {
			t.Errorf("started (-want +got):\n%s", diff)
		}
		synctest.Wait()
		if how := finished(t, c, run.ID); how != "Complete" {
			t.Errorf("the Job ended as %q, want Complete: the second orchestrator has to agree", how)
		}
	})
}

func TestHooksRunWhereverTheOrchestratorIsKilled(t *testing.T) {
	t.Parallel()
	for name, point := range map[string]struct{ resource, suffix string }{
		"before the end is recorded": {"configmaps", "-end"},
		"before a hook begins":       {"pods", ""},
		"before a hook is recorded":  {"configmaps", "-clean-result"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var h listener
				p := h.on(pipeline.New("p").Step(pipeline.Func0("a", number)))
				c := k8sorchtest.New(t, p)
				killed := false
				c.Clientset().PrependReactor("create", point.resource, func(action ktesting.Action) (bool, runtime.Object, error) {
					object, err := meta.Accessor(action.(ktesting.CreateAction).GetObject())
					hook := object.GetLabels()["step"] == "clean"
					if err != nil || killed || !strings.HasSuffix(object.GetName(), point.suffix) || point.resource == "pods" && !hook {
						return false, nil, err
					}
					killed = true
					c.KillOrchestrator()
					return true, nil, context.DeadlineExceeded
				})
				run, err := c.Run(t.Context(), p)
				if err != nil || !killed {
					t.Fatalf("Run() = %v, with an orchestrator killed: %t", err, killed)
				}
				h.want(t, pipeline.RunEnd{
					Run: run.ID, Pipeline: "p", Outcome: pipeline.Succeeded, Steps: []pipeline.StepEnd{{Name: "a", Outcome: pipeline.Succeeded}},
				}, "celebrate", "clean")
			})
		})
	}
}

// A record that comes after the end would have the step's dependents run, and the run succeed.
func TestWhatComesAfterTheEndChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		running, release := make(chan struct{}), make(chan struct{})
		var h listener
		a := pipeline.Func0("a", func(context.Context) (int, error) { return 0, errors.New("no rows") })
		p := h.on(pipeline.New("p").Step(pipeline.Func("b", increment, a))).OnExit("slow", func(context.Context, pipeline.RunEnd) error {
			close(running)
			<-release
			return nil
		})
		c := k8sorchtest.New(t, p)
		handle := submitted(t, c, p)
		go func() {
			<-running
			synctest.Wait()
			forgeResult(t, c, handle.ID, "a")
			c.KillOrchestrator()
			synctest.Wait()
			close(release)
		}()
		run, err := handle.Wait(t.Context())
		if err == nil || run.Outcome != pipeline.Failed {
			t.Errorf("the run ended as %s, %v, want Failed", run.Outcome, err)
		}
		if started := c.Started(); slices.Contains(started, "b") || slices.Contains(started, "celebrate") {
			t.Errorf("started %v, want nothing that the end does not call for", started)
		}
		synctest.Wait()
		if how := finished(t, c, run.ID); how != "Failed" {
			t.Errorf("the Job ended as %q, want Failed", how)
		}
	})
}

// forgeResult records a result of a step, as one does whose orchestrator had given it up.
func forgeResult(t *testing.T, c *k8sorchtest.Cluster, run, step string) {
	t.Helper()
	records := c.Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace)
	late, err := records.Get(t.Context(), run+"-"+step+"-attempt-1", metav1.GetOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	late.Name, late.ResourceVersion = run+"-"+step+"-result", ""
	late.Labels["k8sorch.io/record"] = "result"
	late.Data = map[string]string{step + ".result.json": `{"run":"` + run + `","step":"` + step + `","attempt":1,"digest":"sha256:` + strings.Repeat("0", 64) + `"}`}
	if _, err := records.Create(t.Context(), late, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
}
