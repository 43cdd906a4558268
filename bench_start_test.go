package pipeline

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// BenchmarkStepStart measures what passes from the start of a step's process until its function is called, and how long the
// process of an empty program takes.
func BenchmarkStepStart(b *testing.B) {
	empty, started := filepath.Join(b.TempDir(), "main.go"), "./testdata/started"
	if err := os.WriteFile(empty, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	empty, started = program(b, empty), program(b, started)
	measure(b, "empty program", func() *exec.Cmd { return exec.CommandContext(b.Context(), empty) })
	for _, n := range []int{1, 100, 10_000} {
		env := startedStep(b, n)
		measure(b, fmt.Sprintf("one of %d steps", n), func() *exec.Cmd {
			cmd := exec.CommandContext(b.Context(), started)
			cmd.Env, cmd.Stderr = env, os.Stderr
			return cmd
		})
	}
}

func measure(b *testing.B, name string, program func() *exec.Cmd) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		var used time.Duration
		for b.Loop() {
			cmd := program()
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
		b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/op")
	})
}

// program builds one as for an image.
func program(b *testing.B, source string) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "program")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// startPipeline is the one that testdata/started declares.
func startPipeline(n int) *Pipeline {
	first := Func0("s0", func(context.Context) (int, error) { return 0, nil })
	p := New("started").Step(first)
	for i := 1; i < n; i++ {
		p.Step(Func(fmt.Sprint("s", i), func(_ context.Context, in int) (int, error) { return in, nil }, first))
	}
	return p
}

// startedStep returns the environment of the process of a step's attempt, with the plan where that will look for it.
func startedStep(b *testing.B, n int) []string {
	b.Helper()
	d, err := startPipeline(n).freeze()
	if err != nil {
		b.Fatal(err)
	}
	s := NewOrchestrator(Config{Registry: "registry.example"}).newSubmission(d, &runOptions{})
	p, _, err := s.objects("team", map[imageSource]podImage{s.runSettings().imageSource(): builtImage()})
	if err != nil {
		b.Fatal(err)
	}
	encoded, err := p.Encode()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, plan.FileName), encoded, 0o600); err != nil {
		b.Fatal(err)
	}
	role := reexec.Role{
		Kind: reexec.Step, Run: p.Run, Pipeline: d.name, Step: "s0", Attempt: 1, UID: "1", Namespace: "team", Job: p.Run, JobUID: "2", PlanUID: "3",
		Dir: dir, Report: filepath.Join(dir, "report"),
	}
	env := []string{fmt.Sprint("STARTED_STEPS=", n)}
	for _, v := range role.Vars() {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}
