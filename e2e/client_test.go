package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	pipeline "github.com/org/k8sorch"
)

// client is a program that a user has started, and what it prints.
type client struct {
	cmd *exec.Cmd
	// dir is the directory that it was started in: an empty one.
	dir            string
	stdout, stderr *transcript
	done           chan error
}

// command is how a user starts a program.
type command struct {
	program string
	// env are variables besides those of the test.
	env []string
	// args come after the flags that name the cluster.
	args []string
}

// start starts a program on the test's cluster and namespace.
func (e *env) start(t *testing.T, c command) *client {
	t.Helper()
	c.args = append([]string{"--kubeconfig", e.kubeconfig, "--namespace", e.namespace, "--registry", e.registry}, c.args...)
	return start(t, c)
}

// run starts a program on the test's cluster and namespace and waits for its end.
func (e *env) run(t *testing.T, c command) (*client, int) {
	t.Helper()
	started := e.start(t, c)
	return started, started.wait(t)
}

// start starts a program. It is killed at the end of the test at the latest; a test that has failed shows what it printed.
func start(t *testing.T, c command) *client {
	t.Helper()
	p := &client{
		cmd: exec.CommandContext(t.Context(), c.program, c.args...), dir: t.TempDir(),
		stdout: newTranscript(), stderr: newTranscript(), done: make(chan error, 1),
	}
	p.cmd.Dir, p.cmd.Env = p.dir, append(os.Environ(), c.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s %q %q\nstdout:\n%s\nstderr:\n%s", c.program, c.env, c.args, p.stdout, p.stderr)
		}
	})
	return p
}

// wait waits for the program's end and returns its exit code.
func (c *client) wait(t *testing.T) int {
	t.Helper()
	return c.waitUpTo(t, patience)
}

func (c *client) waitUpTo(t *testing.T, patience time.Duration) int {
	t.Helper()
	select {
	case err := <-c.done:
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			t.Fatalf("waiting for %s: %v", c.cmd, err)
		}
		return c.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("%s does not end", c.cmd)
		return 0
	}
}

// wantExit waits for the program's end and fails the test where it is another one.
func (c *client) wantExit(t *testing.T, want int) {
	t.Helper()
	if got := c.wait(t); got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
}

// document is what a program prints with --output json.
type document struct {
	pipeline.Run
	Error string `json:"error"`
}

// document returns the JSON on standard output, which must be all that is there.
func (c *client) document(t *testing.T) *document {
	t.Helper()
	d := &document{}
	decoder := json.NewDecoder(strings.NewReader(c.stdout.String()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(d); err != nil {
		t.Fatalf("reading standard output as JSON: %v\n%s", err, c.stdout)
	}
	if decoder.More() {
		t.Errorf("there is more than one JSON document on standard output:\n%s", c.stdout)
	}
	return d
}

// outcomes returns the outcome of each step.
func (d *document) outcomes() map[string]pipeline.Outcome {
	outcomes := map[string]pipeline.Outcome{}
	for _, s := range d.Steps {
		outcomes[s.Name] = s.Outcome
	}
	return outcomes
}
