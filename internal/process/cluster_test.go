//go:build darwin || linux

package process_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Conformance(t, func(t *testing.T, steps map[string]enginetest.Behaviour) enginetest.Subject {
		var names []string
		for name := range steps {
			names = append(names, name)
		}
		slices.Sort(names)
		dir := t.TempDir()
		return enginetest.Subject{Run: "r", Open: func() engine.Cluster {
			c, err := process.New(process.Config{
				Dir: dir, Plan: planOf("r", names...), Env: func(step string) []string { return does(string(steps[step]))(step) },
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Wait)
			return c
		}}
	})
}

func TestStepFindsLittleOfWhatIsHere(t *testing.T) {
	t.Setenv("TZ", "Europe/Oslo")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	b := watch(t, process.Config{
		Args: []string{"-x", "y"},
		Env: func(string) []string {
			return append(does("look around")("s"), "TABLE=sales", `K8SORCH_TASK={"role":"orchestrator"}`)
		},
	})
	var got surroundings
	if err := json.Unmarshal(b.value(b.run().Result), &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range got.Env {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	optional := func(name string) bool { return name == "LANG" }
	if diff := cmp.Diff([]string{"GORACE", "HOME", "PATH", envDoes, "TABLE", "TEMP", "TMP", "TMPDIR", "TZ"}, slices.DeleteFunc(names, optional)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	got.Env = nil
	if diff := cmp.Diff(surroundings{Args: []string{"-x", "y"}, Leads: true}, got); diff != "" {
		t.Errorf("surroundings (-want +got):\n%s", diff)
	}
}

func TestStepLeavesNothingBehind(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	b := watch(t, process.Config{Env: does("look around")})
	b.value(b.run().Result)
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
}

func TestLargeValueIsKept(t *testing.T) {
	t.Parallel()
	b := watch(t, process.Config{Env: does("large value")})
	if got := b.value(b.run().Result); len(got) != record.MaxInline+1 {
		t.Errorf("the value has %d bytes, want %d", len(got), record.MaxInline+1)
	}
}

func TestHowProcessesEnd(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		want record.End
		says string
	}{
		"killed":      {record.End{Outcome: record.Lost, Reason: "Killed"}, "memory ran out"},
		"crash":       {record.End{Outcome: record.Failed, Reason: "Signal"}, "user defined signal 1"},
		"panic aside": {record.End{Outcome: record.Failed, Reason: "ExitCode", ExitCode: 2}, "the last it printed:\npanic: in a goroutine of its own"},
		"exit 75":     {record.End{Outcome: record.Lost, Reason: "ExitCode", ExitCode: 75}, "says that the attempt was lost"},
		"lie":         {record.End{Outcome: record.Failed, Reason: "NoResult"}, "os.Exit(0)"},
		"exit-3":      {record.End{Outcome: record.Failed, Reason: "ExitCode", ExitCode: 3}, "something called os.Exit(3)"},
		"panic":       {record.End{Outcome: record.Failed, Reason: "Panic", ExitCode: 1}, "enginetest/behaviour.go"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := watch(t, process.Config{Env: does(what)}).run()
			if !strings.Contains(got.End.Message, test.says) {
				t.Errorf("message = %q, want it to say %q", got.End.Message, test.says)
			}
			got.End.Message = ""
			if diff := cmp.Diff(test.want, got.End); diff != "" {
				t.Errorf("end (-want +got):\n%s", diff)
			}
		})
	}
}

// The deadline may pass before the child has even begun to run: how it ends is the same.
func TestChildThatPassesItsDeadlineIsEnded(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"hang", "stubborn", "have heir"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := watch(t, process.Config{
				Env: does(what), Grace: 50 * time.Millisecond, Deadline: func(string) time.Duration { return 200 * time.Millisecond },
			}).run()
			if got.End.Outcome != record.Failed || got.End.Reason != "DeadlineExceeded" || got.End.Permanent {
				t.Errorf("end = %+v, want Failed (DeadlineExceeded)", got.End)
			}
			if !strings.HasPrefix(got.End.Message, "the process was active longer than its deadline of 200ms") {
				t.Errorf("message = %q", got.End.Message)
			}
		})
	}
}

func TestRecordWinsOverTheWayTheProcessEnds(t *testing.T) {
	t.Parallel()
	b := watch(t, process.Config{Env: does("commit and die")})
	got := b.run()
	if got.Result == nil || string(b.value(b.View("s").Result)) != "early" {
		t.Errorf("the attempt ended with %+v, want its recorded result", got)
	}
}

func TestOutputComesInLines(t *testing.T) {
	t.Parallel()
	p := newPrinted()
	b := watch(t, process.Config{Env: does("print"), Output: p.add})
	b.run()
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.lines) - 1
	whole := strings.Join(p.lines[2:last], "") == strings.Repeat("x", 200<<10)
	if p.lines[0] != "to stdout" || p.lines[1] != "to stderr" || !whole || !strings.HasPrefix(p.lines[last], "no end of line") {
		t.Errorf("lines = %.100q, want stdout, stderr, a long line in pieces and one without end", p.lines)
	}
}

func TestStubbornStepIsKilledAfterItsGrace(t *testing.T) {
	t.Parallel()
	p := newPrinted()
	b := watch(t, process.Config{Env: does("stubborn"), Output: p.add, Grace: 10 * time.Millisecond})
	b.start(1)
	p.waitReady(t)
	b.cancel()
	got := b.ended(1).End
	if got.Outcome != record.Lost || got.Reason != "Terminated" || !strings.Contains(got.Message, "told to terminate and was ended by signal 9") {
		t.Errorf("end = %+v, want it to be Lost and killed", got)
	}
}

func TestEndOfTheWatchEndsAttempts(t *testing.T) {
	t.Parallel()
	b := watch(t, process.Config{Env: does(string(enginetest.Hang))})
	b.start(1)
	b.cancel()
	if got := b.ended(1).End; got.Outcome != record.Lost || got.Reason != "Terminated" {
		t.Errorf("end = %+v, want it to be Lost", got)
	}
	b.Wait()
	if err := b.Start(t.Context(), "s", 2); err == nil {
		t.Error("an attempt was started after the end of the watch")
	}
}

func TestRemoveEndsWhatTheStepStarted(t *testing.T) {
	t.Parallel()
	p := newPrinted()
	b := watch(t, process.Config{Env: does("have heir"), Output: p.add, Grace: 10 * time.Millisecond})
	b.start(1)
	p.waitReady(t)
	if err := b.Remove(t.Context(), "s", 1, b.View("s").Sightings[0].UID); err != nil {
		t.Fatal(err)
	}
	waitUnlocked(t, heirLock(b.dir))
}

func TestEndOfTheStepEndsWhatItStarted(t *testing.T) {
	t.Parallel()
	b := watch(t, process.Config{Env: does("leave heir")})
	if got := b.run(); got.Result == nil {
		t.Errorf("the attempt ended with %+v, want a result", got.End)
	}
	waitUnlocked(t, heirLock(b.dir))
}

func TestBinaryThatCannotBeExecutedIsRefused(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("not a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, executable := range []string{text, filepath.Join(t.TempDir(), "absent")} {
		b := watch(t, process.Config{Executable: executable})
		err := b.Start(t.Context(), "s", 1)
		refusal, ok := errors.AsType[*engine.Refusal](err)
		if !ok || !refusal.Permanent || !strings.Contains(refusal.Message, executable) {
			t.Errorf("Start() = %v, want a permanent refusal that names %s", err, executable)
		}
		if left := b.View("s").Sightings; len(left) != 0 {
			t.Errorf("sightings = %+v, want none", left)
		}
	}
}

func TestRunThatIsGone(t *testing.T) {
	t.Parallel()
	b := watch(t, process.Config{})
	if err := os.RemoveAll(b.dir); err != nil {
		t.Fatal(err)
	}
	if truth, err := b.Confirm(t.Context(), "s", 1); err != nil || !truth.RunGone {
		t.Errorf("Confirm() = %+v, %v, want the run to be gone", truth, err)
	}
	if err := b.Start(t.Context(), "s", 1); err == nil {
		t.Error("an attempt was started in a run that is gone")
	}
}

func TestDirectoryHoldsOneRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := planOf("r", "s")
	for name, test := range map[string]struct {
		plan *plan.Plan
		says string
	}{
		"the same":      {first, ""},
		"whichever":     {nil, ""},
		"another run":   {planOf("q", "s"), "holds run r already"},
		"another graph": {planOf("r", "s", "z"), "holds run r already"},
	} {
		if _, err := process.New(process.Config{Dir: dir, Plan: first}); err != nil {
			t.Fatal(err)
		}
		_, err := process.New(process.Config{Dir: dir, Plan: test.plan})
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: New() = %v, want %q", name, err, test.says)
		}
	}
	if _, err := process.New(process.Config{Dir: t.TempDir()}); err == nil {
		t.Error("New() without a plan made a run")
	}
}
