// This program must not compile: a parameter takes values of its own type.
package main

import pipeline "github.com/org/k8sorch"

func main() {
	n := pipeline.Param("n", 1)
	_ = n.Set("many")
}
