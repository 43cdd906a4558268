package e2e

import (
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestHooks has runs end in every way after which hooks run. The deadline is longer than a pod takes to start, so that the
// step runs when it passes; where it does not yet, the run ends in the same way.
func TestHooks(t *testing.T) {
	t.Parallel()
	succeeded, failed := []string{"celebrate", "clean"}, []string{"alarm", "clean"}
	for name, tt := range map[string]struct {
		ends     string
		settings pipeline.KubernetesOrchestratorSettings
		stop     bool
		exit     int
		outcome  pipeline.Outcome
		hooks    []string
	}{
		"success":      {ends: "succeed", exit: cli.ExitSucceeded, outcome: pipeline.Succeeded, hooks: succeeded},
		"failure":      {ends: "fail", exit: cli.ExitFailed, outcome: pipeline.Failed, hooks: failed},
		"stop":         {ends: "hang", stop: true, exit: cli.ExitStopped, outcome: pipeline.Stopped, hooks: failed},
		"run deadline": {ends: "hang", settings: runDeadline(10), exit: cli.ExitStopped, outcome: pipeline.Stopped, hooks: failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			before := whats(s.inventory(t))
			c := s.start(t, command{
				program: built(t, buildScenarios), env: []string{"SCENARIO=hooked", withSettings(t, tt.settings)},
				args: []string{"--output", "json", "--ends", tt.ends},
			})
			if tt.stop {
				s.running(t, "work")
				s.requestStop(t, s.job(t).Name, "enough for today")
			}
			c.wantExit(t, tt.exit)
			if d := c.document(t); d.Outcome != tt.outcome {
				t.Errorf("the run ended as %s (%s), want %s", d.Outcome, d.Message, tt.outcome)
			}
			s.wantHooks(t, c.document(t), tt.hooks)
			s.wantNothingLeft(t, before)
		})
	}
}

// TestHooksOutliveTheirOrchestrator kills the orchestrator when one hook has succeeded and another one runs. The next
// orchestrator repeats neither of them.
func TestHooksOutliveTheirOrchestrator(t *testing.T) {
	t.Parallel()
	requireParts(t)
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=hooked-slowly"}, args: []string{"--output", "json"}})
	s.succeeded(t, "celebrate")
	s.running(t, "clean")
	signalPod(t, s.orchestrator(t, 1).UID, syscall.SIGKILL)
	s.orchestrator(t, 2)
	s.open(t, "clean")
	before := []string{"ConfigMap/gate-clean"}
	c.wantExit(t, cli.ExitSucceeded)
	s.wantHooks(t, c.document(t), []string{"celebrate", "clean"})
	s.wantNothingLeft(t, before)
}

func runDeadline(seconds int) pipeline.KubernetesOrchestratorSettings {
	return pipeline.KubernetesOrchestratorSettings{RunDeadline: &seconds}
}

// wantHooks fails the test unless these hooks and no others have had one pod each, after the run's end was recorded, have
// succeeded there once, and were told the outcome of the run.
func (s *scene) wantHooks(t *testing.T, d *document, hooks []string) {
	t.Helper()
	s.catchUp(t)
	attempts, want := s.attempts(), map[string]pipeline.Outcome{}
	delete(attempts, "work")
	if diff := cmp.Diff(hooks, sortedKeys(attempts)); diff != "" {
		t.Errorf("hooks with pods (-want +got):\n%s", diff)
	}
	for _, hook := range hooks {
		want[hook] = pipeline.Succeeded
		if results := s.results(t)[hook]; len(attempts[hook]) != 1 || !slices.Equal(results, attempts[hook]) {
			t.Errorf("hook %s has had the pods %s and succeeded in %s, want one pod and its success", hook, attempts[hook], results)
		}
		s.wantTold(t, hook, d.Outcome)
	}
	if diff := cmp.Diff(want, d.hooks()); diff != "" {
		t.Errorf("outcomes of the hooks (-want +got):\n%s", diff)
	}
	s.wantEndBefore(t, hooks)
}

// wantTold fails the test unless the pod of a hook has logged the outcome.
func (s *scene) wantTold(t *testing.T, hook string, outcome pipeline.Outcome) {
	t.Helper()
	for _, pod := range s.pods.last(isStep(hook)) {
		logs, err := s.logs(t.Context(), pod.Name, "main")
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, logs, "the run has ended", string(outcome))
	}
}

// wantEndBefore fails the test unless the end of the run was recorded once, after the end of the step and before the hooks
// began.
func (s *scene) wantEndBefore(t *testing.T, hooks []string) {
	t.Helper()
	ends := s.records.last(isRecord("end"))
	if len(ends) != 1 {
		t.Fatalf("there are %d records of the run's end, want one", len(ends))
	}
	end := change[*corev1.ConfigMap]{watch.Added, ends[0]}.version(t)
	for _, c := range s.pods.all() {
		if step := c.object.Labels[labelStep]; c.kind == watch.Added && slices.Contains(hooks, step) && c.version(t) < end {
			t.Errorf("hook %s began before the end of the run was recorded", step)
		}
	}
	for _, c := range s.records.all() {
		if step := c.object.Labels[labelStep]; c.kind == watch.Added && step == "work" && c.version(t) > end {
			t.Errorf("%s was recorded after the end of the run", c.object.Name)
		}
	}
}

// hooks returns the outcome of each hook that the run called for.
func (d *document) hooks() map[string]pipeline.Outcome {
	outcomes := map[string]pipeline.Outcome{}
	for _, h := range d.Hooks {
		outcomes[h.Name] = h.Outcome
	}
	return outcomes
}

// wantNothingLeft deletes the run and fails the test unless everything goes that was not there before, but for the
// accounts, which belong to the namespace.
func (s *scene) wantNothingLeft(t *testing.T, before []string) {
	t.Helper()
	background := metav1.DeletePropagationBackground
	if err := s.client.BatchV1().Jobs(s.namespace).Delete(t.Context(), s.job(t).Name, metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		t.Fatal(err)
	}
	s.untilGone(t)
	s.wantOnlyAccountsBeside(t, before)
}
