package k8sorchtest_test

import (
	"context"
	"fmt"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// BenchmarkTwentySteps runs a chain of twenty steps, which is the slowest way to have as many.
func BenchmarkTwentySteps(b *testing.B) {
	last := pipeline.Func0("step-1", func(context.Context) (int, error) { return 1, nil })
	for i := range 19 {
		last = pipeline.Func(fmt.Sprintf("step-%d", i+2), func(_ context.Context, n int) (int, error) { return n + 1, nil }, last)
	}
	p := pipeline.New("chain").Step(last)
	for b.Loop() {
		k8sorchtest.Run(b, p)
	}
}
