// This program must not compile: a step takes a context and returns an error.
package main

import pipeline "github.com/org/k8sorch"

func main() {
	_ = pipeline.Func0("a", func() int { return 0 })
}
