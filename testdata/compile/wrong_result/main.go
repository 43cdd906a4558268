// This program must not compile: a result has the type of the step.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
)

func main() {
	a := pipeline.Func0("a", func(context.Context) (int, error) { return 0, nil })
	var s string
	s, _ = a.Result(context.Background(), nil)
	_ = s
}
