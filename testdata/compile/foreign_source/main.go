// This program must not compile: only this package makes sources.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
)

// mine pretends to be a source.
type mine struct{}

func (mine) source(int) any { return nil }

func main() {
	_ = pipeline.Func("b", func(_ context.Context, n int) (int, error) { return n, nil }, mine{})
}
