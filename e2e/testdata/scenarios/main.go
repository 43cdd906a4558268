// Scenarios has a pipeline for each situation that the end-to-end tests bring about. The variable SCENARIO chooses the
// one that the client runs, or makes it a program for all of them; its pods find theirs by themselves.
package main

import (
	"context"
	"fmt"
	"os"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	scenarios := []*pipeline.Pipeline{
		attempts(), siblings(), wide("wide", 6), wide("few", 3), held(), gated(), hooked("hooked", logEnd), hooked("hooked-slowly", logEndAtGate), mended(),
	}
	if err := pipeline.NewOrchestrator(pipeline.Config{}).Dispatch(context.Background(), scenarios...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(cli.ExitUsage)
	}
	if os.Getenv("SCENARIO") == "all" {
		cli.MainAll(scenarios, cli.WithConfig(given.Config()))
	}
	for _, p := range append(scenarios, mistaken()) {
		if p.Name() == os.Getenv("SCENARIO") {
			cli.Main(p, cli.WithConfig(given.Config()))
		}
	}
	fmt.Fprintln(os.Stderr, "SCENARIO names no scenario")
	os.Exit(cli.ExitUsage)
}
