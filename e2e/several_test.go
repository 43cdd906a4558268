package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// all starts a command of the program that has all scenarios, about this one.
func (s *scene) all(t *testing.T, scenario, verb string, args ...string) *client {
	t.Helper()
	args = append([]string{scenario, verb, "--kubeconfig", s.kubeconfig, "--namespace", s.namespace}, args...)
	return start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=all"}, args: args})
}

// allOf waits for the end of such a command, which is to succeed, and returns what it prints.
func (s *scene) allOf(t *testing.T, scenario, verb string, args ...string) string {
	t.Helper()
	c := s.all(t, scenario, verb, args...)
	c.wantExit(t, cli.ExitSucceeded)
	return c.stdout.String()
}

// TestSeveralPipelines has one program with many pipelines run two of them in one namespace. Each pipeline has its own runs, and
// a run is followed without a terminal.
func TestSeveralPipelines(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	held := strings.TrimSpace(s.allOf(t, "siblings", "submit", "--registry", s.registry))
	watched := s.all(t, "siblings", "watch")
	s.running(t, "runs")
	few := decoded[document](t, s.allOf(t, "few", "run", "--registry", s.registry, "--output", "json"))
	for scenario, want := range map[string]string{"siblings": held, "few": few.ID} {
		var got []string
		for _, run := range decoded[[]pipeline.RunInfo](t, s.allOf(t, scenario, "list", "-o", "json")) {
			got = append(got, run.ID)
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("runs of %s (-want +got):\n%s", scenario, diff)
		}
	}
	wantText(t, s.allOf(t, "siblings", "list"), "RUN ", "\n"+held+"  Running ")
	wantText(t, s.allOf(t, "few", "get"), "Run "+few.ID+": Succeeded, submitted ", "\n  part-2  Succeeded ")
	other := s.all(t, "few", "get", held)
	if other.wait(t) == cli.ExitSucceeded {
		t.Errorf("run %s of another pipeline was shown", held)
	}
	wantText(t, other.stderr.String(), held, `it is a run of pipeline "siblings", not of "few"`)

	watched.stderr.waitFor(t, " fails    Running (attempt 1)\n", " runs     Running (attempt 1)\n")
	wantText(t, s.allOf(t, "siblings", "get", held), "Run "+held+": Running", "\n  fails    Running ", "\n  follows  Pending")
	s.open(t, "fail")
	watched.stderr.waitFor(t, " fails    Failed: as it was told to\n")
	s.open(t, "finish")
	watched.wantExit(t, cli.ExitFailed)
	wantText(t, watched.stderr.String(), " follows  Succeeded\n", "\nError: run "+held+` of pipeline "siblings" ended as Failed`)
	if said := watched.stderr.String(); strings.Contains(said, "\x1b") {
		t.Errorf("without a terminal there are sequences for one:\n%q", said)
	}
}

// TestGraphAsksNoCluster draws a graph in the environment of somebody whose kubeconfig leads nowhere.
func TestGraphAsksNoCluster(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"text":    "fails\nruns\nfollows  takes runs\n",
		"dot":     `"runs" -> "follows"`,
		"mermaid": "-->",
	}
	for format, want := range want {
		c := start(t, command{
			program: built(t, buildScenarios), env: []string{"SCENARIO=all", kubeconfigVariable + "=/nowhere"}, args: []string{"siblings", "graph", "-o", format},
		})
		c.wantExit(t, cli.ExitSucceeded)
		wantText(t, c.stdout.String(), want)
	}
}

// TestCompletionInAShell has bash complete a command line, as at a press of the key Tab: the script is the program's, the id is
// that of a run of the cluster.
func TestCompletionInAShell(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := strings.TrimSpace(s.allOf(t, "few", "submit", "--registry", s.registry))
	tm := newTerminal(t, command{program: "bash", args: []string{"--norc", "-i"}, env: []string{
		"SCENARIO=all", "PS1=ready> ", "HISTFILE=", "PROGRAM=" + built(t, buildScenarios), "NAMESPACE=" + s.namespace,
	}})
	tm.waitFor(t, prompt)
	tm.typed(t, `. /usr/share/bash-completion/bash_completion; PATH=${PROGRAM%/*}:$PATH; . <(scenarios completion bash); clear`, "Enter")
	tm.waitFor(t, prompt)
	const at = "--kubeconfig $KUBECONFIG -n $NAMESPACE "
	tm.completes(t, "scenarios few ge", "scenarios few get ")
	tm.completes(t, "scenarios few get "+at+"f", "scenarios few get "+at+id+" ")
	tm.completes(t, "scenarios few logs "+at+"latest par", "scenarios few logs "+at+"latest part-")
}

// prompt is what is on the screen of a shell that waits. Nobody can tell whether there are blanks at the end of a line.
const prompt = "ready> ?"

// completes types the beginning of a line and the key Tab until that makes the line that is wanted of it: the program gives up
// where the cluster takes long to answer.
func (tm *terminal) completes(t *testing.T, typed, want string) {
	t.Helper()
	until(t, "Tab makes it "+want, func() bool {
		tm.typed(t, typed, "Tab")
		tm.typed(t, "#", "") // what follows a key is on the screen once the key has had its effect
		screen := tm.waitFor(t, prompt+".*#")
		tm.typed(t, "", "C-u")
		tm.waitFor(t, prompt)
		return strings.Contains(screen, want+"#")
	})
}

// typed types a text, and then presses a key; either may be empty.
func (tm *terminal) typed(t *testing.T, text, key string) {
	t.Helper()
	if text != "" {
		tm.tell(t, "send-keys", "-l", text)
	}
	if key != "" {
		tm.tell(t, "send-keys", key)
	}
}
