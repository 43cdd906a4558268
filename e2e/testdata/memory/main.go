// Command memory has pipelines of 8 and 100 steps that do nothing. Each pod of a run logs, as the last thing it does, how
// much memory it had at most. The variable STEPS chooses the pipeline that the client runs.
package main

import (
	"context"
	"fmt"
	"os"
	"regexp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

func main() {
	pipelines := []*pipeline.Pipeline{idle(8), idle(100)}
	last := pipeline.WithExit(exit)
	if err := pipeline.NewOrchestrator(pipeline.Config{}, last).Dispatch(context.Background(), pipelines...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(cli.ExitUsage)
	}
	for _, p := range pipelines {
		if p.Name() == "memory-"+os.Getenv("STEPS") {
			cli.Main(p)
		}
	}
	fmt.Fprintln(os.Stderr, "STEPS is neither 8 nor 100")
	os.Exit(cli.ExitUsage)
}

func idle(steps int) *pipeline.Pipeline {
	p := pipeline.New(fmt.Sprintf("memory-%d", steps))
	for i := range steps {
		p.Step(pipeline.Func0(fmt.Sprintf("idle-%d", i), func(context.Context) (int, error) { return i, nil }))
	}
	return p
}

// Lines of /proc/self/status, see proc(5): the most memory that the process has had, and how much of what it has now is
// not that of files.
var status = regexp.MustCompile(`(?m)^(?:VmHWM|RssAnon):.*kB$`)

func exit(code int) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	for _, line := range status.FindAll(text, -1) {
		fmt.Fprintf(os.Stderr, "%s\n", line)
	}
	os.Exit(code)
}
