package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/reexec"
)

// probeTimeout is how long main may take to come to Run or Dispatch. Each pod of a run spends that time too.
const probeTimeout = 10 * time.Second

// probeAnswer is what a process in the role of a probe leaves in its report.
type probeAnswer struct {
	Graph graph.Graph `json:"graph"`
	Error string      `json:"error,omitempty"`
}

// answerProbe reports the graph that main has built, and returns the exit code.
func answerProbe(role reexec.Role, d *design, problem error) int {
	var a probeAnswer
	if problem != nil {
		a.Error = problem.Error()
	} else {
		a.Graph = d.graph
	}
	// An answer that cannot be written is one that was not given: the client says so.
	if b, err := json.Marshal(a); err == nil {
		_ = os.WriteFile(role.Report, b, 0o600)
	}
	return 0
}

// probe runs this program once more, as a pod would, and checks that main comes to Run or Dispatch with the same graph.
// It finds what would otherwise fail in every pod: a graph that depends on the environment, a missing Dispatch, a main
// that needs what is not there.
//
// Where the caller has given this call its role, all roles are played in this very process, and there is nothing to find.
func (s *submission) probe(ctx context.Context, env []string) error {
	if _, ok := reexec.FromContext(ctx); ok {
		return nil
	}
	dir, err := os.MkdirTemp("", "k8sorch-probe-")
	if err != nil {
		return fmt.Errorf("probing the program: %w", err)
	}
	defer os.RemoveAll(dir)
	answer := filepath.Join(dir, "answer.json")
	role := reexec.Role{Kind: reexec.Probe, Pipeline: s.design.name, Report: answer}
	output, failure := s.runProbe(ctx, dir, append(env, role.Env()...))
	b, err := os.ReadFile(answer)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("probing the program: %w", context.Cause(ctx))
		}
		return s.design.pipeline.invalid(noAnswer(failure, output))
	}
	var a probeAnswer
	if err := json.Unmarshal(b, &a); err != nil {
		return fmt.Errorf("probing the program: %w", err)
	}
	if err := a.check(s.design); err != nil {
		return s.design.pipeline.invalid(err)
	}
	return nil
}

// runProbe runs the program in an empty directory and returns what it wrote.
func (o *Orchestrator) runProbe(ctx context.Context, dir string, env []string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, fmt.Errorf("it did not within %s", probeTimeout))
	defer cancel()
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return "", err
	}
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, program, o.args()...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = work, &output, &output
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + work, "TMPDIR=" + work}, env...)
	// What the program has started may hold its output open.
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return output.String(), err
}

// args returns the arguments of the program in its pods and child processes.
func (o *Orchestrator) args() []string {
	if o.config.Args != nil {
		return o.config.Args
	}
	return os.Args[1:]
}

func noAnswer(failure error, output string) error {
	if failure == nil {
		failure = errors.New("it ended without error, and without an answer")
	}
	text := "probing the program: started as a pod would be, with next to no environment and in an empty directory, main must come to " +
		"Orchestrator.Run, Submit or Dispatch: %w; call Orchestrator.Dispatch first thing in main"
	if output = strings.TrimSpace(output); output != "" {
		return fmt.Errorf(text+". It wrote:\n\t%s", failure, strings.ReplaceAll(tail(output), "\n", "\n\t"))
	}
	return fmt.Errorf(text, failure)
}

// tail returns the last lines of a text.
func tail(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

func (a probeAnswer) check(d *design) error {
	if a.Error != "" {
		return fmt.Errorf("probing the program: %s", a.Error)
	}
	if lines := graph.Diff(d.graph, a.Graph); len(lines) > 0 {
		return fmt.Errorf("probing the program: %w", &mismatchError{lines: lines})
	}
	return nil
}
