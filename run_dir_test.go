package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// drivenDir is the directory of a run of step a that this process drives, without any of what knows the run in memory.
type drivenDir struct {
	t    *testing.T
	step *Step[int]
	o    *Orchestrator
	p    *Pipeline
	run  string
	dir  string
	stop func()
}

func newDrivenDir(t *testing.T, told func(Event)) *drivenDir {
	t.Helper()
	d := &drivenDir{t: t, step: Func0("a", func(context.Context) (int, error) { return 0, nil })}
	d.p = New("p").Step(d.step)
	d.o = NewOrchestrator(Config{Dir: t.TempDir()}, WithEvents(told))
	s, err := d.o.reopen(d.p, newRunID("p", time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s.submitted, d.run = time.Now(), s.run
	if d.dir, err = s.makeRunDir(); err != nil {
		t.Fatal(err)
	}
	if d.stop, err = process.Drive(d.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.stop)
	if _, err := process.New(process.Config{Dir: d.dir, Plan: s.plan(process.DefaultStore(d.dir).String())}); err != nil {
		t.Fatal(err)
	}
	return d
}

// write adds to the log of an attempt.
func (d *drivenDir) write(attempt int, text string) {
	d.t.Helper()
	path := filepath.Join(d.dir, "logs", fmt.Sprintf("a.%d", attempt))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		d.t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
}

// fail records the end of an attempt, commit the result of the step.
func (d *drivenDir) fail(attempt int) {
	d.t.Helper()
	cluster, err := process.New(process.Config{Dir: d.dir})
	if err != nil {
		d.t.Fatal(err)
	}
	closing := record.Attempt{Step: "a", Attempt: attempt, End: record.End{Outcome: Lost, Reason: "Killed"}}
	if err := cluster.Close(d.t.Context(), closing); err != nil {
		d.t.Fatal(err)
	}
}

func (d *drivenDir) commit(attempt int) {
	d.t.Helper()
	value := []byte{0x18, 42} // in CBOR
	result := record.Result{Run: d.run, Step: "a", Attempt: attempt, Digest: string(artifact.Sum(value)), Size: 2, Inline: true, Finished: time.Now()}
	if _, err := process.NewCommitter(d.dir, nil).Commit(d.t.Context(), result, value); err != nil {
		d.t.Fatal(err)
	}
}

func (d *drivenDir) open() *Handle {
	d.t.Helper()
	h, err := d.o.Open(d.t.Context(), d.p, d.run)
	if err != nil {
		d.t.Fatal(err)
	}
	return h
}

// TestRunOfAnotherProcessIsFollowed has a run go on in its directory, as another process would have it.
func TestRunOfAnotherProcessIsFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDrivenDir(t, func(Event) {})
		h := d.open()
		var told []string
		following := make(chan struct{})
		go func() {
			defer close(following)
			for e := range h.Events(t.Context()) {
				told = append(told, strings.TrimSpace(fmt.Sprint(e.Kind, " ", e.State, e.Attempt, " ", e.Message)))
			}
		}()
		looks := func() { time.Sleep(2 * lookEvery); synctest.Wait() }
		looks()
		d.write(1, "one\ntw")
		d.fail(1)
		looks()
		d.write(1, "o\n")
		looks()
		d.write(2, "three\n")
		d.commit(2)
		if _, err := process.DecideEnd(d.dir, RunEnd{Run: d.run, Outcome: Succeeded}); err != nil {
			t.Fatal(err)
		}
		looks()
		if run, err := h.Status(t.Context()); err != nil || run.State != RunRunning {
			t.Errorf("the run is %+v, %v before its process has let go of it; want it running", run, err)
		}
		d.stop()
		<-following
		want := []string{
			"step Ready0", "attempt 1", "step Retrying1 attempt 1 ended as Lost, the next one begins 2s later", "log 1 one", "log 1 two",
			"attempt 2", "step Done2", "log 2 three", "run Done0",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		run, err := h.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.step.Result(t.Context(), run); err != nil || got != 42 {
			t.Errorf("the result is %d, %v; want 42", got, err)
		}
	})
}

func TestLogsOfARunOfAnotherProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDrivenDir(t, func(Event) {})
		h := d.open()
		d.write(1, "one\ntwo\n")
		d.fail(1)
		lines := func(q LogQuery) (told []string) {
			if err := h.Logs(t.Context(), q, func(e Event) { told = append(told, e.Message) }); err != nil {
				t.Error(err)
			}
			return told
		}
		if diff := cmp.Diff([]string{"two"}, lines(LogQuery{Tail: 1})); diff != "" {
			t.Errorf("the last line (-want +got):\n%s", diff)
		}
		followed := make(chan []string)
		go func() { followed <- lines(LogQuery{Step: "a", Follow: true}) }()
		synctest.Wait()
		d.write(2, "three\n")
		d.commit(2)
		if diff := cmp.Diff([]string{"one", "two", "three"}, <-followed); diff != "" {
			t.Errorf("followed (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"one", "two"}, lines(LogQuery{Attempt: 1})); diff != "" {
			t.Errorf("of the first attempt (-want +got):\n%s", diff)
		}
	})
}

func TestRunOfAnotherProcessIsLeftToIt(t *testing.T) {
	t.Parallel()
	d := newDrivenDir(t, func(Event) {})
	h := d.open()
	for name, ask := range map[string]func() error{
		"stop":   func() error { return h.Stop(t.Context(), "enough") },
		"drain":  func() error { return h.Drain(t.Context(), "enough") },
		"delete": func() error { return h.Delete(t.Context()) },
	} {
		err := ask()
		if want := fmt.Sprintf("are children of process %d, which alone can end them", os.Getpid()); !errors.Is(err, ErrNotOver) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not say that its steps %s", name, err, want)
		}
	}
	d.stop()
	if err := h.Delete(t.Context()); err != nil {
		t.Error(err)
	}
	if err := h.Delete(t.Context()); err != nil {
		t.Errorf("deleting it once more: %v", err)
	}
	if _, err := h.Status(t.Context()); !errors.Is(err, ErrNoRun) {
		t.Errorf("the status of the run that was deleted: %v, want %v", err, ErrNoRun)
	}
	if run, err := h.Wait(t.Context()); err == nil || run.Message != "it was deleted" {
		t.Errorf("waiting for the run that was deleted: %+v, %v", run, err)
	}
}

// A run that cannot be read hides no other, and one of another pipeline whose name begins alike is none of this one.
func TestListOfDirectories(t *testing.T) {
	t.Parallel()
	d := newDrivenDir(t, func(Event) {})
	base := filepath.Dir(d.dir)
	const broken = "p-000101-000000-aaaaa"
	for _, dir := range []string{broken, "p-000101-000000-bbbbb", "q-000101-000000-aaaaa"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(base, broken, "plan.json.gz"), []byte("no plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	var invalid *ValidationError
	if _, err := d.o.List(t.Context(), New("No Name")); !errors.As(err, &invalid) {
		t.Errorf("error %v, want a %T", err, invalid)
	}
	runs, err := d.o.List(t.Context(), d.p)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, run := range runs {
		got = append(got, fmt.Sprintf("%s %s %t", run.ID, run.State, run.Message != ""))
	}
	if want := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); !runs[len(runs)-1].Submitted.Equal(want) {
		t.Errorf("the run that cannot be read was submitted at %s, want %s, as its id says", runs[len(runs)-1].Submitted, want)
	}
	if diff := cmp.Diff([]string{d.run + " Running false", broken + " Unreadable true"}, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}
