// This program must not compile: the function takes as many inputs as the constructor says.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
)

func main() {
	a := pipeline.Func0("a", func(context.Context) (int, error) { return 0, nil })
	_ = pipeline.Func2("b", func(_ context.Context, n int) (int, error) { return n, nil }, a, a)
}
