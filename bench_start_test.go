package pipeline

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// startedSteps is the variable with the number of steps of the pipeline of a [StartProgram].
const startedSteps = "STARTED_STEPS"

// startPipeline has n steps, of which the first ends its process as soon as it is called.
func startPipeline(n int) *Pipeline {
	first := Func0("s0", func(context.Context) (int, error) {
		os.Exit(0)
		return 0, nil
	})
	p := New("started").Step(first)
	for i := 1; i < n; i++ {
		p.Step(Func(fmt.Sprint("s", i), func(_ context.Context, in int) (int, error) { return in, nil }, first))
	}
	return p
}

// StartProgram is a program whose main has nothing to do but to declare a pipeline.
func StartProgram() {
	var n int
	if _, err := fmt.Sscan(os.Getenv(startedSteps), &n); err != nil {
		os.Exit(2)
	}
	// A pod has the certificate and the token from files, which are read in no time.
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "https://127.0.0.1:1", BearerToken: "token"})
	if err != nil {
		os.Exit(2)
	}
	_, err = NewOrchestrator(Config{}, WithClientset(client)).Run(context.Background(), startPipeline(n))
	fmt.Fprintln(os.Stderr, "not called:", err)
	os.Exit(3)
}

// BenchmarkStepStart measures what passes from the start of a step's process until its function is called, and how long the
// process of an empty program takes. The step's program is this test binary, which has more in it than most.
func BenchmarkStepStart(b *testing.B) {
	empty := emptyProgram(b)
	measure(b, "empty program", func() *exec.Cmd { return exec.CommandContext(b.Context(), empty) })
	for _, n := range []int{1, 100, 10_000} {
		env := startedStep(b, n)
		measure(b, fmt.Sprintf("one of %d steps", n), func() *exec.Cmd {
			// The name tells TestMain which program it is.
			return &exec.Cmd{Path: os.Args[0], Args: []string{"started"}, Env: env, Stderr: os.Stderr}
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

// emptyProgram builds one.
func emptyProgram(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "empty")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, source).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return binary
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
	env := []string{startedSteps + "=" + fmt.Sprint(n)}
	for _, v := range role.Vars() {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}
