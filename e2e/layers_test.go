package e2e

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/watch"
)

var buildLayers = sync.OnceValues(func() (string, error) { return build(".", "./testdata/layers") })

// layers is a pipeline of the program layers.
type layers struct {
	name         string
	depth, width int
}

// fourLayers has two steps in each layer, twentySteps one.
func fourLayers() layers  { return layers{name: "layers", depth: 4, width: 2} }
func twentySteps() layers { return layers{name: "chain", depth: 20, width: 1} }

// command runs the pipeline, each of whose steps takes so long.
func (l layers) command(t *testing.T, pause time.Duration) command {
	t.Helper()
	return command{program: built(t, buildLayers), env: []string{"LAYERS=" + l.name}, args: []string{"--pause", pause.String()}}
}

// inputs returns the steps, and what each of them needs.
func (l layers) inputs() map[string][]string {
	inputs := map[string][]string{}
	var before []string
	for layer := range l.depth {
		var steps []string
		for i := range l.width {
			steps = append(steps, stepOf(layer, i))
			inputs[stepOf(layer, i)] = before
		}
		before = steps
	}
	return inputs
}

func stepOf(layer, i int) string { return fmt.Sprintf("step-%d-%d", layer, i) }

// wantSound fails the test unless each step has had one pod, has succeeded there once, and began after what it needs.
func (s *scene) wantSound(t *testing.T, l layers) {
	t.Helper()
	inputs := l.inputs()
	s.wantOnePodEach(t, sortedKeys(inputs))
	recorded := map[string]uint64{}
	for _, c := range s.records.all() {
		if c.kind == watch.Added && isRecord("result")(c.object) {
			recorded[c.object.Labels[labelStep]] = c.version(t)
		}
	}
	for _, c := range s.pods.all() {
		begins := c.kind == watch.Added && isAnyStep(c.object)
		if begins && slices.ContainsFunc(inputs[c.object.Labels[labelStep]], func(in string) bool { return recorded[in] > c.version(t) }) {
			t.Errorf("pod %s was created before all that its step needs was recorded", c.object.Name)
		}
	}
}
