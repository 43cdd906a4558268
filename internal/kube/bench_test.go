package kube

import (
	"fmt"
	"testing"
)

// The time per pod is to be the same whatever the number of steps.
func BenchmarkPod(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := testPlan()
			p.Graph = wideGraph(n)
			pods, last := NewPods(testRef(), p), fmt.Sprint("s", n-3)
			b.ReportAllocs()
			for b.Loop() {
				pods.Of(last, 1, 0)
			}
		})
	}
}
