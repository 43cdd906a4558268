package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/org/k8sorch/cli"
)

// TestWatchInATerminal follows a run by what is on the screen: its steps with their states while gates hold them, what is said
// of those that end, and the summary, with which the program ends.
func TestWatchInATerminal(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := strings.TrimSpace(s.verb(t, cli.ExitSucceeded, "submit", "--registry", s.registry))
	tm := newTerminal(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=siblings"}, args: []string{
		"watch", id, "--kubeconfig", s.kubeconfig, "--namespace", s.namespace,
	}})
	tm.waitFor(t, `  fails +Running +attempt 1 +\d+s`, `  runs +Running +attempt 1 +\d+s`, `0 of 3 steps done, 2 running`)
	s.open(t, "fail")
	tm.waitFor(t, `\d\d:\d\d:\d\d fails +Failed: as it was told to`, `  runs +Running +attempt 1 +\d+s`, `1 of 3 steps done, 1 running`)
	s.open(t, "finish")
	tm.wantExit(t, cli.ExitFailed)
	screen := tm.waitFor(t,
		`  fails +Failed +\S+`, `  runs +Succeeded +\S+`, `  follows +Succeeded +\S+`,
		`fails: Failed \(Error\)`, `Error: run `+id+` of pipeline "siblings" ended as Failed`,
	)
	if frame := regexp.MustCompile(`(?m)^\d of 3 steps done`).FindString(screen); frame != "" {
		t.Errorf("the frame of the live view is still on the screen:\n%s", screen)
	}
}
