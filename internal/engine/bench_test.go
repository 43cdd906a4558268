package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// drive takes a machine through its run with a cluster that does everything at once, and returns how many commands that
// took.
func drive(m *engine.Machine, now time.Time) int {
	commands := 0
	for queue := m.Advance(now); len(queue) > 0; queue = append(queue, m.Advance(now)...) {
		c := queue[0]
		queue = queue[1:]
		commands++
		m.Observe(c.Step, engine.Observation{Sightings: []engine.Sighting{running(c.Attempt)}}, now)
		m.Answer(c, engine.Answer{}, now)
		queue = append(queue, m.Advance(now)...)
		m.Observe(c.Step, engine.Observation{Result: result(c.Step, c.Attempt), Sightings: []engine.Sighting{running(c.Attempt)}}, now)
	}
	return commands
}

// layers is a plan in which every step needs all of the layer before it.
func layers(depth, width int) engine.Plan {
	var p engine.Plan
	for i := range depth {
		for j := range width {
			s := engine.Step{Name: fmt.Sprintf("l%d-%d", i, j)}
			for k := range width {
				if i > 0 {
					s.Needs = append(s.Needs, fmt.Sprintf("l%d-%d", i-1, k))
				}
			}
			p.Steps = append(p.Steps, s)
		}
	}
	return p
}

// The time per step is to be the same for 1,000 steps and for 10,000: no event may look at all of them.
func BenchmarkMachine(b *testing.B) {
	for _, steps := range []int{1_000, 10_000} {
		narrow := fan(steps - 1)
		narrow.MaxParallelism = 10
		for name, p := range map[string]engine.Plan{
			"chain": chain(steps), "fan": fan(steps - 1), "narrow fan": narrow, "layers": layers(steps/10, 10),
		} {
			b.Run(fmt.Sprintf("%s/%d", name, steps), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m, err := engine.NewMachine(p)
					if err != nil {
						b.Fatal(err)
					}
					if got := drive(m, time.Time{}.Add(time.Hour)); got != steps || !m.Done() {
						b.Fatalf("%d commands, done: %t", got, m.Done())
					}
				}
				b.ReportMetric(float64(steps*b.N)/b.Elapsed().Seconds(), "steps/s")
			})
		}
	}
}

// BenchmarkStop measures the one event that does look at all steps.
func BenchmarkStop(b *testing.B) {
	p := fan(9_999)
	for b.Loop() {
		m, err := engine.NewMachine(p)
		if err != nil {
			b.Fatal(err)
		}
		now := time.Time{}.Add(time.Hour)
		m.Observe("root", engine.Observation{Result: result("root", 1)}, now)
		m.Stop("enough")
		if commands := m.Advance(now); len(commands) > 0 || !m.Done() {
			b.Fatalf("commands %v, done: %t", commands, m.Done())
		}
	}
}
