package pipeline_test

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestSecondRunIsCached(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline()
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline)
	if diff := cmp.Diff(map[string]string{"load": "no earlier value", "count": "no earlier value"}, told(first)); diff != "" {
		t.Errorf("the first run (-want +got):\n%s", diff)
	}
	second := mustRun(t, c, p.Pipeline)
	if diff := cmp.Diff(map[string]string{"load": "from " + first.ID, "count": "from " + first.ID}, told(second)); diff != "" {
		t.Errorf("the second run (-want +got):\n%s", diff)
	}
	if got := c.Started(); len(got) != 2 {
		t.Errorf("pods were made for %v, want those of the first run", got)
	}
	if got, err := p.count.Result(t.Context(), second); err != nil || got != 30 {
		t.Errorf("result = %d, %v, want 30", got, err)
	}
	made, _ := first.Step("count")
	taken, _ := second.Step("count")
	want := pipeline.StepRun{
		Name: "count", Outcome: pipeline.Succeeded, Size: made.Size, Cached: &pipeline.CachedValue{Run: first.ID, Made: made.Finished},
	}
	if diff := cmp.Diff(want, taken, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".result" }, cmp.Ignore())); diff != "" {
		t.Errorf("the cached step (-want +got):\n%s", diff)
	}
}

// A third run takes the value from the copy in the second, and says where it was made.
func TestCachedValueOutlivesTheRunThatMadeIt(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline()
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline)
	mustRun(t, c, p.Pipeline)
	for _, step := range []string{"load", "count"} {
		err := c.Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace).Delete(t.Context(), kube.ResultName(first.ID, step), metav1.DeleteOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	p.calls.taken()
	third := mustRun(t, c, p.Pipeline)
	if diff := cmp.Diff(map[string]string{"load": "from " + first.ID, "count": "from " + first.ID}, told(third)); diff != "" {
		t.Errorf("the third run (-want +got):\n%s", diff)
	}
	if got := p.calls.taken(); got != nil {
		t.Errorf("%v were called", got)
	}
}

func TestChangedParameterRunsWhatIsDownstream(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set  func(cachedPipeline) pipeline.RunOption
		want []string
		told map[string]string
	}{
		"first":  {func(p cachedPipeline) pipeline.RunOption { return p.rows.Set(4) }, []string{"load", "count"}, map[string]string{"load": "parameter rows changed", "count": "input load changed"}},
		"second": {func(p cachedPipeline) pipeline.RunOption { return p.scale.Set(7) }, []string{"count"}, map[string]string{"count": "parameter scale changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newCachedPipeline()
			c := k8sorchtest.New(t, p.Pipeline)
			first := mustRun(t, c, p.Pipeline)
			p.calls.taken()
			second := mustRun(t, c, p.Pipeline, tt.set(p))
			if diff := cmp.Diff(tt.want, p.calls.taken()); diff != "" {
				t.Errorf("called (-want +got):\n%s", diff)
			}
			want := map[string]string{"load": "from " + first.ID}
			maps.Copy(want, tt.told)
			if diff := cmp.Diff(want, told(second)); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCacheVersion(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline()
	c := k8sorchtest.New(t, p.Pipeline)
	version := func(v string) pipeline.RunOption {
		return pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{CacheVersion: new(v)})
	}
	mustRun(t, c, p.Pipeline, version("1"))
	second := mustRun(t, c, p.Pipeline, version("2"))
	if diff := cmp.Diff(map[string]string{"load": "version changed", "count": "version changed"}, told(second)); diff != "" {
		t.Errorf("another version (-want +got):\n%s", diff)
	}
	p.calls.taken()
	other := pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{
		Image: new("example.com/test@sha256:" + strings.Repeat("1", 64)),
	})
	mustRun(t, c, p.Pipeline, version("1"), other)
	if got := p.calls.taken(); got != nil {
		t.Errorf("%v were called: with a version, the image does not count", got)
	}
	mustRun(t, c, p.Pipeline, other)
	if diff := cmp.Diff([]string{"load", "count"}, p.calls.taken()); diff != "" {
		t.Errorf("called with another image (-want +got):\n%s", diff)
	}
}

func TestCacheExpiration(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline(pipeline.KubernetesOrchestratorSettings{CacheExpiration: new(3600)})
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline)
	age(t, c, first.ID, "load", 2*time.Hour)
	second := mustRun(t, c, p.Pipeline)
	want := map[string]string{"load": "the earlier value has expired", "count": "from " + first.ID}
	if diff := cmp.Diff(want, told(second)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestCachedEventsSayWhere(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline()
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline)
	var mu sync.Mutex
	done := map[string]pipeline.Event{}
	events := pipeline.WithEvents(func(e pipeline.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == pipeline.StepChanged && e.State == "Done" {
			done[e.Step] = pipeline.Event{Attempt: e.Attempt, Outcome: e.Outcome, Message: e.Message}
		}
	})
	if _, err := c.Orchestrator(events).Run(c.Context(t.Context()), p.Pipeline); err != nil {
		t.Fatal(err)
	}
	message := "cached from run " + first.ID
	want := map[string]pipeline.Event{
		"load": {Outcome: pipeline.Succeeded, Message: message}, "count": {Outcome: pipeline.Succeeded, Message: message},
	}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
