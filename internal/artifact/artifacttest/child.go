package artifacttest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
)

// Opener opens the store at a URL. It must find the same store in another process.
type Opener func(ctx context.Context, url string) (artifact.Store, error)

// What a child process does, and where.
const (
	roleVariable = "K8SORCH_ARTIFACTTEST_ROLE"
	urlVariable  = "K8SORCH_ARTIFACTTEST_URL"
)

// reportPrefix marks the lines that a child writes for its parent among those of the testing package.
const reportPrefix = "artifacttest: "

// PlayChild does what a child process is for and returns true, or returns false in any other process. A test that calls
// [PeakHeap] calls it first.
func PlayChild(t *testing.T, open Opener) bool {
	t.Helper()
	role := os.Getenv(roleVariable)
	if role == "" {
		return false
	}
	s, err := open(t.Context(), os.Getenv(urlVariable))
	if err != nil {
		t.Fatal(err)
	}
	switch role {
	case "writer":
		playWriter(t, s)
	case "hanging writer":
		playHangingWriter(t, s)
	case "streamer":
		playStreamer(t, s)
	default:
		t.Fatalf("unknown role %q", role)
	}
	return true
}

// playWriter puts an artifact as soon as its standard input ends.
func playWriter(t *testing.T, s artifact.Store) {
	want, _ := content(t, sharedSize)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := put(t.Context(), s, want); err != nil {
		t.Error(err)
	}
}

// playHangingWriter stops in the middle of a put and waits there to be killed.
func playHangingWriter(t *testing.T, s artifact.Store) {
	b, digest := content(t, crashSize)
	hang := effect(func() {
		fmt.Println(reportPrefix + "half-way")
		_, _ = io.Copy(io.Discard, os.Stdin)
	})
	err := s.Put(t.Context(), digest, crashSize, io.MultiReader(bytes.NewReader(b[:crashSize-1]), hang))
	t.Errorf("Put = %v, want the process to be killed in it", err)
}

// playStreamer writes and reads an artifact larger than its heap should ever be, and reports how large the heap was.
func playStreamer(t *testing.T, s artifact.Store) {
	digest, err := Write(t.Context(), s, Content(streamSize))
	if err != nil {
		t.Fatal(err)
	}
	if err := Read(t.Context(), s, digest, streamSize, io.Discard); err != nil {
		t.Fatal(err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	fmt.Println(reportPrefix+"heap", memory.HeapSys) // "estimates the largest size the heap has had"
}

type child struct {
	command *exec.Cmd
	stdin   io.Closer
	stdout  *bufio.Scanner
	seen    strings.Builder // on its standard output
	stderr  strings.Builder // complete when it has ended
}

// start starts the test t again in a process of its own, where it must end in PlayChild.
func start(t *testing.T, role, url string) *child {
	t.Helper()
	top, _, _ := strings.Cut(t.Name(), "/")
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+regexp.QuoteMeta(top)+"$")
	command.Env = append(os.Environ(), roleVariable+"="+role, urlVariable+"="+url)
	stdin, stdinErr := command.StdinPipe()
	stdout, stdoutErr := command.StdoutPipe()
	if stdinErr != nil || stdoutErr != nil {
		t.Fatal(stdinErr, stdoutErr)
	}
	c := &child{command: command, stdin: stdin, stdout: bufio.NewScanner(stdout)}
	command.Stderr = &c.stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// report waits for the child's report.
func (c *child) report(t *testing.T) string {
	t.Helper()
	for c.stdout.Scan() {
		if report, found := strings.CutPrefix(c.stdout.Text(), reportPrefix); found {
			return report
		}
		fmt.Fprintln(&c.seen, c.stdout.Text())
	}
	err := c.command.Wait()
	t.Fatalf("the child ended without a report: %v\n%s%s", err, &c.seen, &c.stderr)
	return ""
}

// wait waits until the child has ended well.
func (c *child) wait(t *testing.T) {
	t.Helper()
	for c.stdout.Scan() {
		fmt.Fprintln(&c.seen, c.stdout.Text())
	}
	if err := c.command.Wait(); err != nil {
		t.Errorf("the child ended with %v:\n%s%s", err, &c.seen, &c.stderr)
	}
}

// kill ends the child as if its machine had lost power.
func (c *child) kill() {
	_ = c.command.Process.Kill()
	_ = c.command.Wait()
}
