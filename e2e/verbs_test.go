package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// verb calls a command about runs that were submitted before, and returns what it prints.
func (s *scene) verb(t *testing.T, code int, args ...string) string {
	t.Helper()
	at := slices.Concat(args, []string{"--kubeconfig", s.kubeconfig, "--namespace", s.namespace})
	c := start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=siblings"}, args: at})
	c.wantExit(t, code)
	return c.stdout.String()
}

// decoded reads what a command has printed as JSON.
func decoded[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("reading as JSON: %v\n%s", err, text)
	}
	return v
}

// runs returns what the command list shows.
func (s *scene) runs(t *testing.T) []pipeline.RunInfo {
	t.Helper()
	return decoded[[]pipeline.RunInfo](t, s.verb(t, cli.ExitSucceeded, "list", "-o", "json"))
}

// TestVerbs calls each command about a run that goes on, is stopped, and deleted.
func TestVerbs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	registry := []string{"--registry", s.registry}
	s.verb(t, cli.ExitSucceeded, append([]string{"doctor"}, registry...)...)
	id := strings.TrimSpace(s.verb(t, cli.ExitSucceeded, append([]string{"submit"}, registry...)...))
	s.running(t, "runs")
	s.running(t, "fails")
	for _, check := range decoded[[]pipeline.Check](t, s.verb(t, cli.ExitSucceeded, append([]string{"doctor", "-o", "json"}, registry...)...)) {
		if check.Result != pipeline.CheckOK {
			t.Errorf("%s: %s: %s", check.Name, check.Result, check.Message)
		}
	}
	if runs := s.runs(t); len(runs) != 1 || runs[0].ID != id || runs[0].State != pipeline.RunRunning {
		t.Errorf("the runs are %+v, want %s alone, which runs", runs, id)
	}
	wantText(t, s.verb(t, cli.ExitSucceeded, "get"), "Run "+id+": Running", "follows")
	wantText(t, s.verb(t, cli.ExitSucceeded, "why"), "follows: Pending\n  waits for ")
	s.verb(t, cli.ExitSucceeded, "logs", id, "runs", "--tail", "3")
	s.verb(t, cli.ExitSucceeded, "stop", id, "--reason", "wrong data")
	if runs := s.runs(t); len(runs) != 1 || runs[0].State != pipeline.RunStopping {
		t.Errorf("the runs are %+v, want one that is stopping", runs)
	}
	s.open(t, "fail")
	s.open(t, "finish")
	s.verb(t, cli.ExitStopped, "watch", id)
	waitFor(t, s.client.BatchV1().Jobs(s.namespace), id, isFinished)
	s.endedByVerbs(t, id)
}

// endedByVerbs looks at the run that was stopped, and deletes it.
func (s *scene) endedByVerbs(t *testing.T, id string) {
	t.Helper()
	if runs := s.runs(t); len(runs) != 1 || runs[0].Outcome != pipeline.Stopped {
		t.Errorf("the runs are %+v, want one that was stopped", runs)
	}
	run := decoded[document](t, s.verb(t, cli.ExitSucceeded, "get", id, "-o", "json"))
	want := map[string]pipeline.Outcome{"fails": pipeline.Failed, "runs": pipeline.Succeeded, "follows": pipeline.Skipped}
	if diff := cmp.Diff(want, run.outcomes()); diff != "" || run.Outcome != pipeline.Stopped || run.Message != "wrong data" {
		t.Errorf("the run ended as %s (%s); outcomes (-want +got):\n%s", run.Outcome, run.Message, diff)
	}
	s.verb(t, cli.ExitSucceeded, "logs", id, "--follow")
	s.verb(t, cli.ExitSucceeded, "delete", id)
	s.verb(t, cli.ExitUsage, "get", id)
}
