package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestNoCacheRunsEverythingAndKeepsTheValues(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline()
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline, pipeline.NoCache())
	if diff := cmp.Diff(map[string]string{"load": "", "count": ""}, told(first)); diff != "" {
		t.Errorf("a run that looks for nothing (-want +got):\n%s", diff)
	}
	second := mustRun(t, c, p.Pipeline, pipeline.NoCache())
	if diff := cmp.Diff([]string{"load", "count", "load", "count"}, p.calls.taken()); diff != "" {
		t.Errorf("called (-want +got):\n%s", diff)
	}
	third := mustRun(t, c, p.Pipeline)
	if diff := cmp.Diff(map[string]string{"load": "from " + second.ID, "count": "from " + second.ID}, told(third)); diff != "" {
		t.Errorf("the run after them (-want +got):\n%s", diff)
	}
}

func TestPreventOrchestratorPodCaching(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline(pipeline.KubernetesOrchestratorSettings{PreventOrchestratorPodCaching: new(true)})
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline)
	const why = "no value of this version and these inputs"
	if diff := cmp.Diff(map[string]string{"load": why, "count": why}, told(first)); diff != "" {
		t.Errorf("the first run (-want +got):\n%s", diff)
	}
	p.calls.taken()
	second := mustRun(t, c, p.Pipeline)
	if diff := cmp.Diff(map[string]string{"load": "from " + first.ID, "count": "from " + first.ID}, told(second)); diff != "" {
		t.Errorf("the second run (-want +got):\n%s", diff)
	}
	if got := p.calls.taken(); got != nil {
		t.Errorf("%v were called", got)
	}
	if diff := cmp.Diff([]string{"load", "count", "load", "count"}, c.Started()); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

func TestStepThatMayNotLookIsRun(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline(pipeline.KubernetesOrchestratorSettings{PreventOrchestratorPodCaching: new(true)})
	c := k8sorchtest.New(t, p.Pipeline)
	var forbidden atomic.Bool
	c.Clientset().PrependReactor("list", "configmaps", func(action clienttesting.Action) (bool, runtime.Object, error) {
		selector := action.(clienttesting.ListAction).GetListRestrictions().Labels.String()
		if !forbidden.Load() || !strings.Contains(selector, kube.LabelCacheKey) {
			return false, nil, nil
		}
		return true, nil, apierrors.NewForbidden(corev1.Resource("configmaps"), "", errors.New("no"))
	})
	mustRun(t, c, p.Pipeline)
	forbidden.Store(true)
	second := mustRun(t, c, p.Pipeline)
	const why = "earlier values may not be looked up"
	if diff := cmp.Diff(map[string]string{"load": why, "count": why}, told(second)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestStepsAreNotCachedByDefault(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline(pipeline.KubernetesOrchestratorSettings{EnableCache: new(false)})
	c := k8sorchtest.New(t, p.Pipeline)
	mustRun(t, c, p.Pipeline)
	mustRun(t, c, p.Pipeline)
	if diff := cmp.Diff([]string{"load", "count", "load", "count"}, p.calls.taken()); diff != "" {
		t.Errorf("called (-want +got):\n%s", diff)
	}
}

// A step whose value is nothing is run for what it does, so that what it inherits does not count.
func TestStepWithoutAValueIsNotCached(t *testing.T) {
	t.Parallel()
	made := &calls{}
	notify := pipeline.Func("notify", pipeline.Do(func(context.Context, int) error {
		made.add("notify")
		return nil
	}), pipeline.Param("n", 1))
	p := pipeline.New("p").Step(notify).Settings(pipeline.KubernetesOrchestratorSettings{EnableCache: new(true)})
	c := k8sorchtest.New(t, p)
	mustRun(t, c, p)
	mustRun(t, c, p)
	if got := made.taken(); len(got) != 2 {
		t.Errorf("it was called %d times, want 2", len(got))
	}
}

func TestCacheMistakes(t *testing.T) {
	t.Parallel()
	on := pipeline.KubernetesOrchestratorSettings{EnableCache: new(true)}
	number := func() *pipeline.Step[int] { return pipeline.Func("a", increment, pipeline.Param("n", 1)) }
	nothing := pipeline.Func("a", pipeline.Do(func(context.Context, int) error { return nil }), pipeline.Param("n", 1))
	for name, tt := range map[string]struct {
		step     pipeline.Node
		settings pipeline.KubernetesOrchestratorSettings
		want     string
	}{
		"image by tag": {number().Settings(on), pipeline.KubernetesOrchestratorSettings{Image: new("example.com/train:latest")},
			`step "a": it is cached, and its image example.com/train:latest may become another program under the same tag; give the image by digest, or set CacheVersion`},
		"empty version": {number(), pipeline.KubernetesOrchestratorSettings{CacheVersion: new("")}, "CacheVersion: Required value: give it any text"},
		"no value":      {nothing.Settings(on), pipeline.KubernetesOrchestratorSettings{}, `step "a": Settings: EnableCache: its value is nothing`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pipeline.New("p").Step(tt.step).Settings(tt.settings)
			c := k8sorchtest.New(t, p)
			_, err := c.Run(t.Context(), p)
			var invalid *pipeline.ValidationError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want a mistake with %q", err, tt.want)
			}
			if actions := c.Clientset().Actions(); len(actions) > 2 { // the test kit's own watches
				t.Errorf("the cluster was asked for %v", actions)
			}
		})
	}
}
