// This program must not compile: a parameter is no goal.
package main

import pipeline "github.com/org/k8sorch"

func main() {
	n := pipeline.Param("n", 1)
	_ = pipeline.New("p").Step(n)
}
