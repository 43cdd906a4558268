package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/org/k8sorch"
)

// TestScripts runs programs as people do. This test binary is the program, and its steps are child processes.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", env.WorkDir+"/cache")
			return syscall.Mkfifo(env.WorkDir+"/hanging", 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "interrupts": interrupts, "latest": latestRun, "hanging": hanging},
	})
}

// exits is the script command "exits CODE PROGRAM ARG...".
func exits(ts *testscript.TestScript, _ bool, args []string) {
	expectCode(ts, args[0], ts.Exec(args[1], args[2:]...))
}

// latestRun is the script command "latest": it sets RUN to the id of the run that was made last.
func latestRun(ts *testscript.TestScript, _ bool, _ []string) {
	runs, err := os.ReadDir(ts.MkAbs("cache/k8sorch/runs"))
	ts.Check(err)
	if len(runs) == 0 {
		ts.Fatalf("there is no run")
	}
	// Several may have begun in the same second, which is as far as their names tell.
	ts.Setenv("RUN", slices.MaxFunc(runs, func(a, b os.DirEntry) int { return changed(ts, a).Compare(changed(ts, b)) }).Name())
}

func changed(ts *testscript.TestScript, dir os.DirEntry) time.Time {
	info, err := dir.Info()
	ts.Check(err)
	return info.ModTime()
}

// interrupts is the script command "interrupts CODE PROGRAM ARG...": it sends the program a SIGINT as soon as a step hangs.
func interrupts(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+ts.Getenv("XDG_CACHE_HOME"))
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	hanging := make(chan error, 1)
	go func() { hanging <- drain(ts.MkAbs("hanging")) }()
	select {
	case err := <-hanging:
		ts.Check(err)
		ts.Check(cmd.Process.Signal(os.Interrupt))
		expectCode(ts, args[0], <-ended)
	case err := <-ended:
		// Let go of the reader.
		ts.Check(os.WriteFile(ts.MkAbs("hanging"), nil, 0o600))
		ts.Fatalf("the program ended before a step hung: %v", err)
	}
}

// hanging is the script command "hanging": it returns when a step hangs.
func hanging(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(drain(ts.MkAbs("hanging"))) }

// drain reads a named pipe until its writers have closed it.
func drain(fifo string) error {
	f, err := os.Open(fifo)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f)
	return err
}

func expectCode(ts *testscript.TestScript, want string, err error) {
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != want {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// errHopeless is the error after which [trainProgram] does not try again.
var errHopeless = errors.New("it is hopeless")

// trainProgram is a program with a pipeline of two steps, which fails and hangs as its parameters say.
func trainProgram() {
	rows := pipeline.Param("rows", 3).Usage("load this many rows")
	name := pipeline.Param("name", "penguins").Usage("what to load")
	hang := pipeline.Param("hang", "").Usage("say so to this named pipe, and hang")
	namespace := pipeline.Param("namespace", "none").Usage("a name that is taken")
	load := pipeline.Func3("load", func(ctx context.Context, rows int, name, hang string) (string, error) {
		if hang != "" {
			return "", hangOn(ctx, hang)
		}
		fmt.Println("loading", rows, name)
		if rows < -1 {
			return "", fmt.Errorf("%d rows: %w", rows, errHopeless)
		}
		if rows < 0 {
			return "", fmt.Errorf("there are no %d rows", rows)
		}
		return fmt.Sprint(rows, " ", name), nil
	}, rows, name, hang).Retry(pipeline.Retry{
		MaxRetries: 1, Delay: time.Millisecond, If: func(err error) bool { return !errors.Is(err, errHopeless) },
	})
	report := pipeline.Func2("report", func(_ context.Context, data, namespace string) (string, error) {
		return data + " in " + namespace, nil
	}, load, namespace)
	Main(pipeline.New("train").Step(report), Report(func(ctx context.Context, run *pipeline.Run) error {
		text, err := report.Result(ctx, run)
		fmt.Println(text)
		return err
	}))
}

// hangOn tells the reader of a named pipe that it hangs, until it is told to end.
func hangOn(ctx context.Context, fifo string) error {
	if err := os.WriteFile(fifo, nil, 0); err != nil {
		return err
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// brokenProgram is a program whose pipeline has a mistake.
func brokenProgram() {
	Main(pipeline.New("Broken Name"))
}

func privilegedProgram() {
	step := pipeline.Func0("probe", func(context.Context) (int, error) { return 0, nil })
	Main(pipeline.New("privileged").Step(step).Settings(pipeline.KubernetesOrchestratorSettings{Privileged: new(true)}))
}
