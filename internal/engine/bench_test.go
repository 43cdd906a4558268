package engine_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// drive takes a machine through its run with a cluster that does everything at once, and returns how many commands that
// took.
func drive(m *engine.Machine, now time.Time) int {
	commands := 0
	// The machine keeps none of what it is shown, so that one is enough: what is measured is the machine.
	seen := make([]engine.Sighting, 1)
	for due := m.Advance(now); len(due) > 0; {
		var next []engine.Command
		for _, c := range due {
			seen[0] = running(c.Attempt)
			m.Observe(c.Step, engine.Observation{Sightings: seen}, now)
			m.Answer(c, engine.Answer{}, now)
			next = append(next, m.Advance(now)...)
			m.Observe(c.Step, engine.Observation{Result: result(c.Step, c.Attempt), Sightings: seen}, now)
			next = append(next, m.Advance(now)...)
		}
		commands += len(due)
		due = next
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

// BenchmarkNewMachine measures what comes before the first event.
func BenchmarkNewMachine(b *testing.B) {
	for name, p := range map[string]engine.Plan{"chain": chain(100_000), "fan": fan(99_999), "layers": layers(10_000, 10)} {
		b.Run(name+"/100000", func(b *testing.B) {
			for b.Loop() {
				if _, err := engine.NewMachine(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The time per step is to be the same for 1,000 steps and for 100,000: no event may look at all of them. An event is an
// observation or an answer: three for each step. The memory is what the machine holds at the end of the run.
func BenchmarkMachine(b *testing.B) {
	for _, steps := range []int{1_000, 10_000, 100_000} {
		narrow := fan(steps - 1)
		narrow.MaxParallelism = 10
		for name, p := range map[string]engine.Plan{
			"chain": chain(steps), "fan": fan(steps - 1), "narrow fan": narrow, "layers": layers(steps/10, 10),
		} {
			b.Run(fmt.Sprintf("%s/%d", name, steps), func(b *testing.B) {
				b.ReportAllocs()
				before, held := heapInUse(), uint64(0)
				for b.Loop() {
					b.StopTimer()
					m, err := engine.NewMachine(p)
					if err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					if got := drive(m, time.Time{}.Add(time.Hour)); got != steps || !m.Done() {
						b.Fatalf("%d commands, done: %t", got, m.Done())
					}
					if held == 0 {
						b.StopTimer()
						held = heapInUse() - before
						b.StartTimer()
					}
					runtime.KeepAlive(m)
				}
				b.ReportMetric(float64(3*steps*b.N)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(held)/(1<<20), "MiB-held")
			})
		}
	}
}

// heapInUse returns how many bytes are in use that are still needed.
func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
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
