package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch"
)

func TestReport(t *testing.T) {
	t.Parallel()
	t.Run("is made of a run that succeeded", func(t *testing.T) {
		t.Parallel()
		var s *stand
		s = newStand(&player{}, Report(func(_ context.Context, run *pipeline.Run) error {
			_, err := fmt.Fprintln(s.stdout, "report on", run.ID)
			return err
		}))
		if code := s.call(); code != ExitSucceeded || s.out.String() != "report on train-1\n" {
			t.Errorf("exit code %d, stdout %q; want 0 and the report alone", code, &s.out)
		}
	})
	t.Run("that fails makes the program fail", func(t *testing.T) {
		t.Parallel()
		s := newStand(&player{}, Report(func(context.Context, *pipeline.Run) error { return errors.New("disk full") }))
		if code := s.call(); code != ExitFailed {
			t.Errorf("exit code %d, want %d", code, ExitFailed)
		}
		if want := "Error: reporting on run train-1, which succeeded: disk full\n"; !strings.HasSuffix(s.err.String(), want) {
			t.Errorf("stderr:\n%s\nwant at its end %q", &s.err, want)
		}
	})
	t.Run("is not made of a run that failed", func(t *testing.T) {
		t.Parallel()
		run := ranWith(pipeline.Failed)
		s := newStand(&player{wait: func(context.Context, *player) (*pipeline.Run, error) { return run, &pipeline.RunError{Run: run} }},
			Report(func(context.Context, *pipeline.Run) error { panic("called") }))
		s.call()
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	failed := ranWith(pipeline.Failed)
	tests := []struct {
		name string
		play *player
		want map[string]any
	}{
		{"success", &player{}, map[string]any{"id": "train-1", "outcome": "Succeeded"}},
		{"failure", &player{wait: func(context.Context, *player) (*pipeline.Run, error) { return failed, &pipeline.RunError{Run: failed} }},
			map[string]any{"id": "train-1", "outcome": "Failed", "error": (&pipeline.RunError{Run: failed}).Error()}},
		{"no run", &player{submit: func(context.Context, *player) error { return errors.New("no cluster") }},
			map[string]any{"error": "no cluster"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(test.play, Report(func(context.Context, *pipeline.Run) error { panic("called") }))
			s.call("run", "--output", "json")
			var got map[string]any
			if err := json.Unmarshal(s.out.Bytes(), &got); err != nil {
				t.Fatalf("stdout is not one JSON document: %v\n%s", err, &s.out)
			}
			for _, key := range []string{"pipeline", "submitted", "finished", "steps"} {
				if _, ok := got[key]; ok == (got["id"] == nil) {
					t.Errorf("key %q is there: %t", key, ok)
				}
				delete(got, key)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the document differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	s := newStand(&player{render: func(context.Context) ([]byte, error) { return []byte("kind: Job\n"), nil }})
	if code := s.call("render", "--image", "registry/train"); code != ExitSucceeded || s.out.String() != "kind: Job\n" {
		t.Errorf("exit code %d, stdout %q; want the objects alone; stderr:\n%s", code, &s.out, &s.err)
	}
}

func TestPodsRunWithoutArguments(t *testing.T) {
	t.Parallel()
	s := newStand(&player{}, WithConfig(pipeline.Config{Args: []string{"--from", "code"}}))
	s.call("--rows", "5")
	if s.config.Args == nil || len(s.config.Args) != 0 {
		t.Errorf("Config.Args is %#v, want an empty list that is not nil", s.config.Args)
	}
}
