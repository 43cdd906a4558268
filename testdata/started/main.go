// Command started is the program of a step whose start is measured. Its main has nothing to do but to declare a pipeline of as many
// steps as it is told to.
package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	pipeline "github.com/org/k8sorch"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "the step was not called:", err)
		os.Exit(1)
	}
}

func run() error {
	var n int
	if _, err := fmt.Sscan(os.Getenv("STARTED_STEPS"), &n); err != nil {
		return fmt.Errorf("reading STARTED_STEPS: %w", err)
	}
	// A pod has the certificate and the token from files, which are read in no time.
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "https://127.0.0.1:1", BearerToken: "token"})
	if err != nil {
		return err
	}
	_, err = pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithClientset(client)).Run(context.Background(), started(n))
	return err
}

// started has n steps, of which the first ends its process as soon as it is called.
func started(n int) *pipeline.Pipeline {
	first := pipeline.Func0("s0", func(context.Context) (int, error) {
		os.Exit(0)
		return 0, nil
	})
	p := pipeline.New("started").Step(first)
	for i := 1; i < n; i++ {
		p.Step(pipeline.Func(fmt.Sprint("s", i), func(_ context.Context, in int) (int, error) { return in, nil }, first))
	}
	return p
}
