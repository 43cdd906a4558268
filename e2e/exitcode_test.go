package e2e

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestNothingIsMadeOfMistakes shows the exit codes of a program that comes to no run.
func TestNothingIsMadeOfMistakes(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	before := whats(e.inventory(t))
	scenarios := built(t, buildScenarios)
	for _, tt := range []struct {
		name    string
		command command
		code    int
		words   []string
	}{
		{
			"unknown flag", command{program: scenarios, env: []string{"SCENARIO=wide"}, args: []string{"--colour", "blue"}},
			cli.ExitUsage, []string{"unknown flag: --colour", "--help"},
		}, {
			"parameter of another type", command{program: built(t, buildQuickstart), args: []string{"--rows", "many"}},
			cli.ExitUsage, []string{"--rows", "whole number"},
		}, {
			"pipeline with a mistake", command{program: scenarios, env: []string{"SCENARIO=mistaken"}},
			cli.ExitUsage, []string{`pipeline "mistaken" has 1 mistake`, "testdata/scenarios/wide.go:", `"twin" is taken already`},
		}, {
			"namespace that does not exist", command{program: scenarios, env: []string{"SCENARIO=wide"}, args: []string{"--namespace", "nobody-has-made-it"}},
			cli.ExitNotSubmitted, []string{"nobody-has-made-it", "does not exist"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, code := e.run(t, tt.command)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			wantText(t, c.stderr.String(), tt.words...)
			if c.stdout.String() != "" {
				t.Errorf("standard output is %q, want none", c.stdout)
			}
			if diff := cmp.Diff(before, whats(e.inventory(t))); diff != "" {
				t.Errorf("objects in the namespace (-before +after):\n%s", diff)
			}
		})
	}
}

func TestStoppedRun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildFaults), args: []string{"--output", "json", "--how", "hang"}})
	s.running(t, "victim")
	s.succeeded(t, "beside")
	s.requestStop(t, s.job(t).Name, "it is late")
	c.wantExit(t, cli.ExitStopped)
	d := c.document(t)
	want := map[string]pipeline.Outcome{"victim": pipeline.Stopped, "after": pipeline.Skipped, "beside": pipeline.Succeeded}
	if diff := cmp.Diff(want, d.outcomes()); diff != "" {
		t.Errorf("outcomes of the steps (-want +got):\n%s", diff)
	}
	victim, _ := d.Step("victim")
	wantText(t, victim.Message, "it is late")
	if d.Outcome != pipeline.Stopped {
		t.Errorf("outcome of the run: %s, want %s", d.Outcome, pipeline.Stopped)
	}
	s.pods.untilGone(t, "the pods of the step that was stopped", isStep("victim"))
	if beside := s.attempts()["beside"]; slices.Contains(s.gone(), beside[0]) {
		t.Error("the pod of the step that had succeeded is gone, and with it its log")
	}
}
