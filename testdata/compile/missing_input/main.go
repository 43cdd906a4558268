// This program must not compile: a step with an input must be given one.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
)

func main() {
	_ = pipeline.Func("b", func(_ context.Context, s string) (int, error) { return len(s), nil })
}
