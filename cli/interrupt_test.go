package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/org/k8sorch"
)

func TestInterrupt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		play *player
		// want stands at the end of stderr.
		want string
	}{
		{"a run on Kubernetes", &player{wait: func(ctx context.Context, p *player) (*pipeline.Run, error) {
			p.interrupt()
			<-ctx.Done()
			return ranWith(""), fmt.Errorf("%w train-1: %w", pipeline.ErrInterrupted, context.Cause(ctx))
		}}, `interrupted; once more ends this process at once
Interrupted. Run train-1 goes on in the cluster.
  see its steps:  ./train get train-1 --context dev --namespace ml
  follow it:      ./train watch train-1 --context dev --namespace ml
  stop it:        ./train stop train-1 --context dev --namespace ml
  delete it:      ./train delete train-1 --context dev --namespace ml
`},
		{"child processes", &player{wait: func(ctx context.Context, p *player) (*pipeline.Run, error) {
			p.interrupt()
			<-ctx.Done()
			run := ranWith(pipeline.Stopped)
			return run, &pipeline.RunError{Run: run}
		}}, "\nInterrupted. The steps of run train-1 were child processes of this one and have ended.\n"},
		{"a submission", &player{submit: func(ctx context.Context, p *player) error {
			p.interrupt()
			<-ctx.Done()
			return errors.New("pushing image: canceled")
		}}, "\nInterrupted before the run was submitted: pushing image: canceled.\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(test.play)
			if code := s.call("--context", "dev", "-n", "ml"); code != ExitInterrupted {
				t.Errorf("exit code %d, want %d", code, ExitInterrupted)
			}
			if text := s.err.String(); !strings.HasSuffix(text, test.want) || strings.Contains(text, "Error:") {
				t.Errorf("stderr:\n%s\nwant no error, and at the end:\n%s", text, test.want)
			}
		})
	}
}

func TestInterruptOfReport(t *testing.T) {
	t.Parallel()
	play := &player{}
	s := newStand(play, Report(func(ctx context.Context, _ *pipeline.Run) error {
		play.interrupt()
		<-ctx.Done()
		return ctx.Err()
	}))
	if code := s.call(); code != ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, ExitInterrupted)
	}
	if want := "\nInterrupted while reporting on run train-1, which succeeded.\n"; !strings.HasSuffix(s.err.String(), want) {
		t.Errorf("stderr:\n%s\nwant at the end %q", &s.err, want)
	}
}

func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	var s *stand
	s = newStand(&player{wait: func(ctx context.Context, p *player) (*pipeline.Run, error) {
		p.interrupt()
		p.interrupt()
		if code := <-s.exits; code != ExitInterrupted {
			t.Errorf("the process ends with %d, want %d", code, ExitInterrupted)
		}
		return ranWith(""), pipeline.ErrInterrupted
	}})
	s.call()
}

func TestFailureIsNotAnInterrupt(t *testing.T) {
	t.Parallel()
	s := newStand(&player{wait: func(ctx context.Context, p *player) (*pipeline.Run, error) {
		p.interrupt()
		<-ctx.Done()
		run := ranWith(pipeline.Failed)
		return run, &pipeline.RunError{Run: run}
	}})
	if code := s.call(); code != ExitFailed {
		t.Errorf("exit code %d for a run that failed before the signal could stop it, want %d", code, ExitFailed)
	}
}
