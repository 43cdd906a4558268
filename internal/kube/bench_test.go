package kube

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// The time per pod is to be the same whatever the number of steps. B/pod is what is sent of it.
func BenchmarkPod(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := testPlan()
			p.Graph = wideGraph(n)
			pods, last := NewPods(testRef(), p), fmt.Sprint("s", n-3)
			var pod *corev1.Pod
			b.ReportAllocs()
			for b.Loop() {
				pod = pods.Of(last, 1, 0)
			}
			b.ReportMetric(float64(pod.Size()), "B/pod")
		})
	}
}
