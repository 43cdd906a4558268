package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestPodsAreKnownByNamesWithAPrefix(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
		h := submitted(t, c, p)
		go stopOnceWatched(t, h, running)
		run, err := h.Wait(t.Context())
		if s, _ := run.Step("hang"); err == nil || s.Outcome != pipeline.Stopped || len(c.Pods("flaky")) != 2 {
			t.Errorf("run = %+v, %v, want a stopped step and one with two attempts", run, err)
		}
		checkPodNames(t, c, h.ID)
	})
}

// checkPodNames makes sure that the pods of steps are asked for by names with the prefix: attempts are confirmed, removed
// and their logs read by them.
func checkPodNames(t *testing.T, c *k8sorchtest.Cluster, run string) {
	t.Helper()
	for _, action := range c.Clientset().Actions() {
		named, ok := action.(interface{ GetName() string })
		if !ok || action.GetResource().Resource != "pods" || action.Matches("create", "pods") {
			continue
		}
		if name := named.GetName(); !strings.HasPrefix(name, "vision-") && !strings.HasPrefix(name, run) {
			t.Errorf("%s of pod %s, whose name has no prefix", action.GetVerb(), name)
		}
	}
}
