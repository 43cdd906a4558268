// This program must not compile: a step whose value is an int is no source of a string.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
)

func main() {
	a := pipeline.Func0("a", func(context.Context) (int, error) { return 0, nil })
	_ = pipeline.Func("b", func(_ context.Context, s string) (int, error) { return len(s), nil }, a)
}
