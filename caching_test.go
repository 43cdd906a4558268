package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

// calls counts the calls of steps' functions.
type calls struct {
	mu    sync.Mutex
	steps []string
}

func (c *calls) add(step string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, step)
}

// taken returns the steps whose functions were called since the last call of taken.
func (c *calls) taken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.steps
	c.steps = nil
	return taken
}

// cachedPipeline has the steps load and count, which depend on the parameters rows and scale, in this order.
type cachedPipeline struct {
	*pipeline.Pipeline
	calls       *calls
	rows, scale *pipeline.Parameter[int]
	count       *pipeline.Step[int]
}

func newCachedPipeline(settings ...pipeline.KubernetesOrchestratorSettings) cachedPipeline {
	made := &calls{}
	rows, scale := pipeline.Param("rows", 3), pipeline.Param("scale", 10)
	load := pipeline.Func("load", func(_ context.Context, n int) ([]int, error) {
		made.add("load")
		return make([]int, n), nil
	}, rows)
	count := pipeline.Func2("count", func(_ context.Context, s []int, by int) (int, error) {
		made.add("count")
		return len(s) * by, nil
	}, load, scale)
	p := pipeline.New("p").Step(count).Settings(pipeline.KubernetesOrchestratorSettings{EnableCache: new(true)})
	for _, s := range settings {
		p.Settings(s)
	}
	return cachedPipeline{p, made, rows, scale, count}
}

// told is what a run says of the cache, by step: the run that the value is of, or why it is of none.
func told(run *pipeline.Run) map[string]string {
	all := map[string]string{}
	for _, s := range run.Steps {
		if all[s.Name] = s.CacheMiss; s.Cached != nil {
			all[s.Name] = "from " + s.Cached.Run
		}
	}
	return all
}

func mustRun(t *testing.T, c *k8sorchtest.Cluster, p *pipeline.Pipeline, opts ...pipeline.RunOption) *pipeline.Run {
	t.Helper()
	run, err := c.Run(t.Context(), p, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

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

// age makes a step's value older than it is.
func age(t *testing.T, c *k8sorchtest.Cluster, run, step string, by time.Duration) {
	t.Helper()
	configs := c.Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace)
	cm, err := configs.Get(t.Context(), kube.ResultName(run, step), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	key := step + ".result.json"
	var content map[string]any
	unmarshal(t, cm.Data[key], &content)
	content["finished"] = time.Now().Add(-by).Format(time.RFC3339Nano)
	cm.Data[key] = marshal(t, content)
	if _, err := configs.Update(t.Context(), cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

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
	mustRun(t, c, p.Pipeline)
	c.Clientset().PrependReactor("list", "configmaps", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if selector := action.(clienttesting.ListAction).GetListRestrictions().Labels.String(); !strings.Contains(selector, kube.LabelCacheKey) {
			return false, nil, nil
		}
		return true, nil, apierrors.NewForbidden(corev1.Resource("configmaps"), "", errors.New("no"))
	})
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

func TestCachedEventsSayWhere(t *testing.T) {
	t.Parallel()
	p := newCachedPipeline()
	c := k8sorchtest.New(t, p.Pipeline)
	first := mustRun(t, c, p.Pipeline)
	var mu sync.Mutex
	var done []pipeline.Event
	events := pipeline.WithEvents(func(e pipeline.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.State == "Done" {
			done = append(done, pipeline.Event{Step: e.Step, Attempt: e.Attempt, Outcome: e.Outcome, Message: e.Message})
		}
	})
	if _, err := c.Orchestrator(events).Run(c.Context(t.Context()), p.Pipeline); err != nil {
		t.Fatal(err)
	}
	message := "cached from run " + first.ID
	want := []pipeline.Event{
		{Step: "load", Outcome: pipeline.Succeeded, Message: message}, {Step: "count", Outcome: pipeline.Succeeded, Message: message},
	}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func unmarshal(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
