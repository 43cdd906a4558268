//go:build darwin || linux

package process_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// ownerMain runs the first attempt of a step that has an heir, and says when both are there.
func ownerMain(dir string) int {
	c, err := process.New(process.Config{Dir: dir, Env: does(os.Getenv(envDoes)), Output: func(_ string, _ int, line string) { fmt.Println(line) }})
	if err != nil {
		panic(err)
	}
	if err := c.Watch(context.Background(), func(string) {}); err != nil {
		panic(err)
	}
	if err := c.Start(context.Background(), "s", 1); err != nil {
		panic(err)
	}
	select {}
}

// own starts a process that owns the run in dir, whose step does this, and returns it once the first attempt and its heir
// run.
func own(t *testing.T, dir, does string) *exec.Cmd {
	t.Helper()
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), envOwner+"="+dir, envDoes+"="+does)
	owner.Stderr = os.Stderr
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Process.Kill(); _ = owner.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the owner printed %q (%v), want ready", line, err)
	}
	return owner
}

// newRun makes a run whose only step is called s, and returns its directory.
func newRun(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := process.New(process.Config{Dir: dir, Plan: planOf("r", "s")}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAttemptsDieWithTheProcessThatRunsThem(t *testing.T) {
	t.Parallel()
	dir := newRun(t)
	owner := own(t, dir, "have heir")
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	b := watch(t, process.Config{Dir: dir, Env: does("succeed")})
	want := record.End{Outcome: record.Lost, Reason: "Abandoned"}
	got := b.ended(1)
	if !strings.Contains(got.End.Message, "the process that ran the pipeline ended") {
		t.Errorf("message = %q, want it to tell of the owner", got.End.Message)
	}
	got.End.Message = ""
	if diff := cmp.Diff(want, got.End); diff != "" {
		t.Errorf("end (-want +got):\n%s", diff)
	}
	waitUnlocked(t, heirLock(dir))
	if left, err := os.Stat(os.TempDir() + "/k8sorch-" + got.UID); err == nil {
		t.Errorf("%s is left of the attempt", left.Name())
	}
	b.start(2)
	if next := b.ended(2); next.Result == nil {
		t.Errorf("the next attempt ended with %+v, want a result", next.End)
	}
}

func TestAttemptIsOverThoughSomethingItStartedGoesOn(t *testing.T) {
	t.Parallel()
	dir := newRun(t)
	owner := own(t, dir, "lose heir")
	t.Cleanup(func() { endHeir(t, dir) })
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if got := watch(t, process.Config{Dir: dir}).ended(1).End; got.Reason != "Abandoned" {
		t.Errorf("end = %+v, want it to be abandoned by its owner", got)
	}
}

// endHeir ends the heir of a step, which left the step's process group.
func endHeir(t *testing.T, dir string) {
	t.Helper()
	digits, err := os.ReadFile(heirLock(dir))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	waitUnlocked(t, heirLock(dir))
}

func TestAttemptOfALivingProcessIsLeftToIt(t *testing.T) {
	t.Parallel()
	dir := newRun(t)
	owner := own(t, dir, "have heir")
	b := watch(t, process.Config{Dir: dir})
	b.start(1)
	seen := b.View("s").Sightings
	if len(seen) != 1 || seen[0].Phase != engine.Running {
		t.Fatalf("sightings = %+v, want the owner's attempt", seen)
	}
	if err := b.Remove(t.Context(), "s", 1, seen[0].UID); err == nil || !strings.Contains(err.Error(), "belongs to another process") {
		t.Errorf("Remove() = %v, want it to tell of the owner", err)
	}
	if truth, err := b.Confirm(t.Context(), "s", 1); err != nil || truth.Sighting == nil || truth.Sighting.Phase != engine.Running {
		t.Errorf("Confirm() = %+v, %v, want the attempt to run on", truth, err)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if got := b.ended(1).End; got.Reason != "Abandoned" {
		t.Errorf("end = %+v, want it to be abandoned by its owner", got)
	}
	if err := b.Remove(t.Context(), "s", 1, seen[0].UID); err != nil {
		t.Errorf("Remove() = %v once the owner is gone", err)
	}
}

func TestStepIsOnlyTiedToItsOwnParent(t *testing.T) {
	t.Parallel()
	stray := exec.Command(os.Args[0])
	stray.Env = append(os.Environ(), reexec.Role{Kind: reexec.Step, Run: "r", Step: "s"}.Env()...)
	out, err := stray.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "it was not started as a step") {
		t.Errorf("a step that nobody ties to itself ended with %v and printed %s", err, out)
	}
}
