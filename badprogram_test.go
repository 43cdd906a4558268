package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	pipeline "github.com/org/k8sorch"
)

func TestMain(m *testing.M) {
	testscript.Main(leakTested{m}, map[string]func(){"bad": badProgram, "token": tokenProgram, "ending": endingProgram})
}

// leakTested adds to the tests that no goroutine is left.
type leakTested struct{ tests *testing.M }

func (l leakTested) Run() int {
	// What delivers signals is made when they are first asked for. Made by a test in a bubble, it would be of use there only.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	signal.Stop(signals)
	code := l.tests.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestBadPrograms runs programs whose pods would not do what the process does that a user has started. This test binary
// is the program, its first argument says what is bad about it.
func TestBadPrograms(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}

func badProgram() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, what string) error {
	config := pipeline.Config{Dir: "runs"}
	names := []string{"load", "train"}
	switch what {
	case "environment":
		names = append(names, cmp.Or(os.Getenv("LAST_STEP"), "report"))
	case "demanding":
		if os.Getenv("DATABASE_URL") == "" {
			return errors.New("DATABASE_URL is not set")
		}
	case "slow":
		if os.Getenv("CACHE") == "" {
			time.Sleep(time.Hour)
		}
	case "elsewhere":
		config.Kubeconfig = "kubeconfig"
	case "several":
		if os.Getenv("PIPELINE") != "second" {
			_, err := pipeline.NewOrchestrator(config).Run(ctx, chain("first", names))
			return err
		}
	}
	_, err := pipeline.NewOrchestrator(config).Run(ctx, chain("second", names))
	return err
}

// chain returns a pipeline of steps that follow one another.
func chain(name string, steps []string) *pipeline.Pipeline {
	last := pipeline.Func0(steps[0], number)
	for _, step := range steps[1:] {
		last = pipeline.Func(step, increment, last)
	}
	return pipeline.New(name).Step(last)
}
