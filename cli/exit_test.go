package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	ending := func(o pipeline.Outcome) *player {
		return &player{wait: func(context.Context, *player) (*pipeline.Run, error) {
			run := ranWith(o)
			return run, &pipeline.RunError{Run: run}
		}}
	}
	refusing := func(err error) *player {
		return &player{submit: func(context.Context, *player) error { return err }}
	}
	tests := []struct {
		name string
		play *player
		args []string
		want int
	}{
		{"a run that succeeded", &player{}, nil, ExitSucceeded},
		{"help", &player{}, []string{"--help"}, ExitSucceeded},
		{"a run that failed", ending(pipeline.Failed), nil, ExitFailed},
		{"a run that was stopped", ending(pipeline.Stopped), nil, ExitStopped},
		{"a run out of sight", &player{wait: func(context.Context, *player) (*pipeline.Run, error) {
			return ranWith(""), errors.New("watching the run: gone")
		}}, nil, ExitFailed},
		{"an unknown flag", &player{}, []string{"--nope"}, ExitUsage},
		{"an unknown command", &player{}, []string{"nope"}, ExitUsage},
		{"an argument", &player{}, []string{"run", "nope"}, ExitUsage},
		{"a value of another type", &player{}, []string{"--rows", "many"}, ExitUsage},
		{"two images", &player{}, []string{"--image", "a", "--base-image", "b"}, ExitUsage},
		{"a mistake in the pipeline", refusing(fmt.Errorf("x: %w", &pipeline.ValidationError{})), nil, ExitUsage},
		{"no cluster", refusing(errors.New("connecting")), nil, ExitNotSubmitted},
		{"nothing to render", &player{render: func(context.Context) ([]byte, error) { return nil, errors.New("no image") }},
			[]string{"render"}, ExitNotSubmitted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(test.play)
			if got := s.call(test.args...); got != test.want {
				t.Errorf("exit code %d, want %d; stderr:\n%s", got, test.want, &s.err)
			}
			if wantError := test.want != ExitSucceeded; strings.Count(s.err.String(), "Error: ") != map[bool]int{true: 1}[wantError] {
				t.Errorf("want an error to be printed once, none for success:\n%s", &s.err)
			}
		})
	}
}

func TestHelpNamesExitCodes(t *testing.T) {
	t.Parallel()
	for code, about := range map[int]string{
		ExitSucceeded: "succeeded", ExitFailed: "without success", ExitUsage: "mistake", ExitNotSubmitted: "submitted",
		ExitStopped: "stopped", ExitTimeout: "timeout", ExitInterrupted: "signal",
	} {
		found := false
		for line := range strings.Lines(exitCodes) {
			number, text, _ := strings.Cut(strings.TrimSpace(line), " ")
			found = found || number == fmt.Sprint(code) && strings.Contains(text, about)
		}
		if !found {
			t.Errorf("the help does not name exit code %d (%s):\n%s", code, about, exitCodes)
		}
	}
}

func TestManifestIsPrinted(t *testing.T) {
	t.Parallel()
	cause := &kube.AccountsError{Namespace: "ml", Account: "k8sorch-step", Manifest: []byte("kind: Role\n"), Err: errors.New("forbidden")}
	s := newStand(&player{submit: func(context.Context, *player) error { return fmt.Errorf("submitting: %w", cause) }})
	if got := s.call(); got != ExitNotSubmitted {
		t.Errorf("exit code %d, want %d", got, ExitNotSubmitted)
	}
	if text := s.err.String(); !strings.HasSuffix(text, "\n\nkind: Role\n") {
		t.Errorf("want the manifest at the end:\n%s", text)
	}
}
