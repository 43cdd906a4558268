package pipeline_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
