// This program must not compile: a parameter is not retried.
package main

import pipeline "github.com/org/k8sorch"

func main() {
	n := pipeline.Param("n", 1)
	_ = n.Retry(pipeline.Retry{})
}
