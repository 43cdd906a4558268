// Package shape has the graphs of the benchmark. The harness, its stand-ins and the pipeline program make the same one of the
// same text.
package shape

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Shape is a graph of steps.
type Shape struct {
	// Steps stand in topological order.
	Steps []Step
}

// Step is one step of a shape.
type Step struct {
	// Name is the step's name.
	Name string
	// Needs are the indices of the steps before it.
	Needs []int
	// Takes is how long the step's process takes, in each attempt.
	Takes time.Duration
	// Fails is how many attempts of the step fail before one succeeds.
	Fails int
}

// Forms describes what Parse reads.
const Forms = "chain:N, fan:N, layers:DEPTHxWIDTH, random:N:SEED:MEDIAN, training:1/N or idle:DURATION"

// Parse makes the shape that a text describes:
//
//	chain:1000           one step after the other
//	fan:1000             a root, 1000 steps after it, and one after all of these
//	layers:10x100        10 layers of 100 steps, each of which needs two of the layer before
//	random:200:1:100ms   200 steps that need three earlier ones on average, drawn by seed 1; how long they take is
//	                     log-normal with this median and sigma 1
//	training:1/60        12 steps that take 5 s to 10 min, and of which three fail before they succeed, in so much of their time
//	idle:10m             one step that takes this long
func Parse(text string) (Shape, error) {
	var n, m int
	var seed uint64
	var duration string
	var s Shape
	switch {
	case scan(text, "chain:%d", &n):
		s.Steps = chain(n)
	case scan(text, "fan:%d", &n):
		s.Steps = fan(n)
	case scan(text, "layers:%dx%d", &n, &m):
		s.Steps = layers(n, m)
	case scan(text, "training:1/%d", &n) && n > 0:
		s.Steps = training(n)
	case scan(text, "random:%d:%d:%s", &n, &seed, &duration), scan(text, "idle:%s", &duration):
		d, err := time.ParseDuration(duration)
		if err != nil {
			return Shape{}, fmt.Errorf("reading shape %q: %w", text, err)
		}
		if s.Steps = []Step{{Name: "step-0", Takes: d}}; n > 0 {
			s.Steps = random(n, seed, d)
		}
	}
	if len(s.Steps) == 0 {
		return Shape{}, fmt.Errorf("reading shape %q: want %s", text, Forms)
	}
	return s, nil
}

// scan reads all of the text.
func scan(text, form string, into ...any) bool {
	n, err := fmt.Sscanf(text+"\n", form+"\n", into...)
	return err == nil && n == len(into)
}

func step(i int, needs ...int) Step { return Step{Name: fmt.Sprintf("step-%d", i), Needs: needs} }

func chain(n int) (steps []Step) {
	for i := range n {
		s := step(i)
		if i > 0 {
			s.Needs = []int{i - 1}
		}
		steps = append(steps, s)
	}
	return steps
}

func fan(n int) []Step {
	steps := []Step{step(0)}
	var all []int
	for i := 1; i <= n; i++ {
		steps, all = append(steps, step(i, 0)), append(all, i)
	}
	return append(steps, step(n+1, all...))
}

func layers(depth, width int) (steps []Step) {
	for layer := range depth {
		for i := range width {
			s, before := step(layer*width+i), (layer-1)*width
			if layer > 0 {
				s.Needs = slices.Compact([]int{before + i, before + (i+1)%width})
			}
			steps = append(steps, s)
		}
	}
	return steps
}

// random draws each edge from an earlier step with one probability, so that a step has three of them on average.
func random(n int, seed uint64, median time.Duration) (steps []Step) {
	dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the same graph for everyone
	p := 6 / float64(max(n-1, 1))
	for i := range n {
		s := step(i)
		s.Takes = time.Duration(float64(median) * math.Exp(dice.NormFloat64()))
		for before := range i {
			if dice.Float64() < p {
				s.Needs = append(s.Needs, before)
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// CriticalPath returns how long the steps take of the path that takes longest, all of their attempts: no run can be shorter.
func (s Shape) CriticalPath() (longest time.Duration) {
	until := make([]time.Duration, len(s.Steps))
	for i, step := range s.Steps {
		for _, before := range step.Needs {
			until[i] = max(until[i], until[before])
		}
		until[i] += step.Takes * time.Duration(1+step.Fails)
		longest = max(longest, until[i])
	}
	return longest
}

// Named returns the steps by their names.
func (s Shape) Named() map[string]Step {
	named := make(map[string]Step, len(s.Steps))
	for _, step := range s.Steps {
		named[step.Name] = step
	}
	return named
}

// Retries tells whether there are steps that do not succeed at once.
func (s Shape) Retries() bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Fails > 0 })
}

// Copies returns the shape so many times side by side. Their steps have the names that NameIn gives.
func (s Shape) Copies(n int) (all Shape) {
	for i := range n {
		first := len(all.Steps)
		for _, step := range s.Steps {
			step.Name, step.Needs = NameIn(i, step.Name), slices.Clone(step.Needs)
			for j := range step.Needs {
				step.Needs[j] += first
			}
			all.Steps = append(all.Steps, step)
		}
	}
	return all
}

// NameIn returns the name that a step has in one of the copies of its shape.
func NameIn(i int, step string) string { return fmt.Sprintf("%d/%s", i, step) }

// Progress counts what steps wait for. It is not safe for concurrent use.
type Progress struct {
	shape   Shape
	index   map[string]int
	waits   []int
	after   [][]int
	ended   map[string]bool
	pending int
}

// Start returns the progress of a run, and the steps that can begin at once.
func (s Shape) Start() (*Progress, []string) {
	p := &Progress{
		shape: s, index: make(map[string]int, len(s.Steps)), waits: make([]int, len(s.Steps)), after: make([][]int, len(s.Steps)),
		ended: make(map[string]bool, len(s.Steps)), pending: len(s.Steps),
	}
	var ready []string
	for i, step := range s.Steps {
		p.index[step.Name], p.waits[i] = i, len(step.Needs)
		for _, before := range step.Needs {
			p.after[before] = append(p.after[before], i)
		}
		if len(step.Needs) == 0 {
			ready = append(ready, step.Name)
		}
	}
	return p, ready
}

// End takes note of the end of a step and returns those that can begin now. What is told again, and steps that are not of the
// shape, change nothing.
func (p *Progress) End(name string) (ready []string) {
	i, known := p.index[name]
	if !known || p.ended[name] {
		return nil
	}
	p.ended[name] = true
	p.pending--
	for _, next := range p.after[i] {
		if p.waits[next]--; p.waits[next] == 0 {
			ready = append(ready, p.shape.Steps[next].Name)
		}
	}
	return ready
}

// Over tells that all steps have ended.
func (p *Progress) Over() bool { return p.pending == 0 }
