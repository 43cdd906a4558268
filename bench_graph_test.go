package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
)

// bigPipelines are pipelines of n steps: each step takes the value of the one before; all take that of the first and one waits
// for all; or layers of 100, of which each step takes two values of the layer before.
func bigPipelines(n int) map[string]func() *Pipeline {
	first := func(context.Context) (int, error) { return 0, nil }
	next := func(_ context.Context, in int) (int, error) { return in, nil }
	both := func(_ context.Context, a, b int) (int, error) { return a + b, nil }
	return map[string]func() *Pipeline{
		"chain": func() *Pipeline {
			last := Func0("s0", first)
			for i := 1; i < n; i++ {
				last = Func(fmt.Sprint("s", i), next, last)
			}
			return New("big").Step(last)
		},
		"fan": func() *Pipeline {
			root, sink := Func0("root", first), Func0("sink", first)
			for i := 2; i < n; i++ {
				sink.After(Func(fmt.Sprint("s", i), next, root))
			}
			return New("big").Step(sink)
		},
		"goals": func() *Pipeline {
			p, root := New("big"), Func0("root", first)
			for i := 1; i < n; i++ {
				p.Step(Func(fmt.Sprint("s", i), next, root))
			}
			return p
		},
		"layers": func() *Pipeline {
			p, layer := New("big"), []*Step[int]{}
			for i := range n {
				if i < 100 {
					layer = append(layer, Func0(fmt.Sprint("s", i), first))
				} else {
					layer = append(layer, Func2(fmt.Sprint("s", i), both, layer[i-100], layer[i-99]))
				}
			}
			for _, s := range layer[max(0, n-100):] {
				p.Step(s)
			}
			return p
		},
	}
}

// BenchmarkBuild measures what main does in each process before its role begins: the pipeline is declared and checked. A plan
// takes the fingerprint and the JSON.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		for name, build := range bigPipelines(n) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				var d *design
				for b.Loop() {
					var err error
					if d, err = build().freeze(); err != nil {
						b.Fatal(err)
					}
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-held")
				runtime.KeepAlive(d)
			})
		}
	}
}

// BenchmarkObjects measures what is made of a pipeline when it is submitted.
func BenchmarkObjects(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		d, err := bigPipelines(n)["layers"]().freeze()
		if err != nil {
			b.Fatal(err)
		}
		s := NewOrchestrator(Config{Registry: "registry.example"}).newSubmission(d, &runOptions{})
		images := map[imageSource]podImage{s.runSettings().imageSource(): builtImage()}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := s.objects("team", images); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPlan measures the rest of what is made of a pipeline once it is frozen.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		d, err := bigPipelines(n)["layers"]().freeze()
		if err != nil {
			b.Fatal(err)
		}
		o := NewOrchestrator(Config{})
		for name, do := range map[string]func() error{
			"fingerprint": func() error { d.graph.Fingerprint(); return nil },
			"json":        func() error { _, err := json.Marshal(d.graph); return err },
			"plan":        func() error { o.newSubmission(d, &runOptions{}).plan(""); return nil },
			"encode":      func() error { _, err := o.newSubmission(d, &runOptions{}).plan("").Encode(); return err },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
