package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch"
)

const howToGoOn = `
  see its steps:  ./train get train-1 --context dev --namespace ml
  follow it:      ./train watch train-1 --context dev --namespace ml
  stop it:        ./train stop train-1 --context dev --namespace ml
  delete it:      ./train delete train-1 --context dev --namespace ml
`

func detached(context.Context, *player) (*pipeline.Run, error) { return ranWith(""), nil }

func timedOut(context.Context, *player) (*pipeline.Run, error) {
	return ranWith(""), fmt.Errorf("%w train-1 after 1m0s: %w", pipeline.ErrTimeout, context.DeadlineExceeded)
}

func TestRunThatIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wait func(context.Context, *player) (*pipeline.Run, error)
		code int
		want string
	}{
		"detached":  {detached, ExitSucceeded, "Run train-1 goes on in the cluster." + howToGoOn},
		"timed out": {timedOut, ExitTimeout, "Timed out. Run train-1 goes on in the cluster." + howToGoOn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(&player{wait: test.wait}, Report(func(context.Context, *pipeline.Run) error { panic("called") }))
			if code := s.call("--context", "dev", "-n", "ml"); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if diff := cmp.Diff(test.want, s.err.String()); diff != "" || s.out.Len() > 0 {
				t.Errorf("stdout %q, want none; stderr (-want +got):\n%s", &s.out, diff)
			}
		})
	}
}

func TestRunThatIsLeftAloneAsJSON(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wait func(context.Context, *player) (*pipeline.Run, error)
		want string
	}{
		"detached":  {detached, ""},
		"timed out": {timedOut, "timed out waiting for run train-1 after 1m0s: context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(&player{wait: test.wait})
			s.call("-o", "json")
			var got struct{ ID, Outcome, Error string }
			if err := json.Unmarshal(s.out.Bytes(), &got); err != nil {
				t.Fatalf("stdout is not one JSON document: %v\n%s", err, &s.out)
			}
			if got.ID != "train-1" || got.Outcome != "" || got.Error != test.want {
				t.Errorf("document = %+v, want the run as it is known, and the error %q", got, test.want)
			}
		})
	}
}

func TestFlagsAboutTheRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		want pipeline.KubernetesOrchestratorSettings
		// wrong is a part of the error; empty where there is none.
		wrong string
	}{
		{"--detach", pipeline.KubernetesOrchestratorSettings{Synchronous: new(false)}, ""},
		{"--detach=false", pipeline.KubernetesOrchestratorSettings{Synchronous: new(true)}, ""},
		{"--detach=perhaps", pipeline.KubernetesOrchestratorSettings{}, "give true or false"},
		{"--timeout 10m", pipeline.KubernetesOrchestratorSettings{Timeout: new(600)}, ""},
		{"--timeout 0s", pipeline.KubernetesOrchestratorSettings{Timeout: new(0)}, ""},
		{"--timeout 90", pipeline.KubernetesOrchestratorSettings{}, "give a duration in whole seconds, such as 10m"},
		{"--timeout 1500ms", pipeline.KubernetesOrchestratorSettings{}, "give a duration in whole seconds"},
		{"--timeout=-1s", pipeline.KubernetesOrchestratorSettings{}, "give a duration in whole seconds"},
		{"--deadline 1h30m", pipeline.KubernetesOrchestratorSettings{RunDeadline: new(5400)}, ""},
		{"--deadline 1000000h", pipeline.KubernetesOrchestratorSettings{}, "give a duration in whole seconds"},
		{"--no-logs", pipeline.KubernetesOrchestratorSettings{StreamStepLogs: new(false)}, ""},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := newFlags(samplePipeline(), pipeline.Config{})
			set := newFlagSet()
			for _, g := range append(f.common(), f.following()...) {
				set.AddFlagSet(g.set)
			}
			err := set.Parse(strings.Fields(test.args))
			if wrong := fmt.Sprint(err); (err != nil) != (test.wrong != "") || !strings.Contains(wrong, test.wrong) {
				t.Fatalf("error %v, want in it %q", err, test.wrong)
			}
			if f.settings == nil {
				f.settings = new(pipeline.KubernetesOrchestratorSettings)
			}
			if diff := cmp.Diff(&test.want, f.settings); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}
