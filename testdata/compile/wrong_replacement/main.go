// This program must not compile: what a test puts in the place of a step has the type of the step.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func main() {
	a := pipeline.Func0("a", func(context.Context) (int, error) { return 1, nil })
	k8sorchtest.Return(nil, a, []string{"many"})
}
