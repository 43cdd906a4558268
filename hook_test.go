package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// listener holds the ends that hooks were given, by the name of the hook.
type listener struct {
	mu   sync.Mutex
	ends map[string][]pipeline.RunEnd
}

// by returns a hook's function, which takes note of what it was given.
func (h *listener) by(name string) func(context.Context, pipeline.RunEnd) error {
	return func(_ context.Context, end pipeline.RunEnd) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.ends == nil {
			h.ends = map[string][]pipeline.RunEnd{}
		}
		h.ends[name] = append(h.ends[name], end)
		return nil
	}
}

// on declares a hook of each kind.
func (h *listener) on(p *pipeline.Pipeline) *pipeline.Pipeline {
	return p.OnSuccess("celebrate", h.by("celebrate")).OnFailure("alarm", h.by("alarm")).OnExit("clean", h.by("clean"))
}

// want tells whether exactly these hooks ran, each once, and were given this end.
func (h *listener) want(t *testing.T, end pipeline.RunEnd, hooks ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	want := map[string][]pipeline.RunEnd{}
	for _, name := range hooks {
		want[name] = []pipeline.RunEnd{end}
	}
	if diff := cmp.Diff(want, h.ends); diff != "" {
		t.Errorf("ends that hooks were given (-want +got):\n%s", diff)
	}
}

// hookOutcomes returns how the hooks of a run ended.
func hookOutcomes(run *pipeline.Run) map[string]pipeline.Outcome {
	all := map[string]pipeline.Outcome{}
	for _, s := range run.Hooks {
		all[s.Name] = s.Outcome
	}
	return all
}

func TestHooksOfARunThatSucceeds(t *testing.T) {
	t.Parallel()
	var h listener
	p := h.on(pipeline.New("p").Step(pipeline.Func0("a", number)))
	run := k8sorchtest.Run(t, p)
	h.want(t, pipeline.RunEnd{
		Run: run.ID, Pipeline: "p", Outcome: pipeline.Succeeded, Steps: []pipeline.StepEnd{{Name: "a", Outcome: pipeline.Succeeded}},
	}, "celebrate", "clean")
	want := map[string]pipeline.Outcome{"celebrate": pipeline.Succeeded, "clean": pipeline.Succeeded}
	if diff := cmp.Diff(want, hookOutcomes(run)); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
	if len(run.Steps) != 1 {
		t.Errorf("steps %+v, want the hooks to be none of them", run.Steps)
	}
}

func TestHooksOfARunThatFails(t *testing.T) {
	t.Parallel()
	for _, mode := range []pipeline.ExecutionMode{pipeline.ContinueOnFailure, pipeline.StopOnFailure, pipeline.FailFast} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			var h listener
			a := pipeline.Func0("a", func(context.Context) (int, error) { return 0, errors.New("no rows") })
			p := h.on(pipeline.New("p").Step(pipeline.Func("b", increment, a)).
				Settings(pipeline.KubernetesOrchestratorSettings{ExecutionMode: new(mode)}))
			c := k8sorchtest.New(t, p)
			run, err := c.Run(t.Context(), p)
			if err == nil {
				t.Error("the run succeeded, want it to fail")
			}
			b, _ := run.Step("b")
			h.want(t, pipeline.RunEnd{
				Run: run.ID, Pipeline: "p", Outcome: pipeline.Failed, Steps: []pipeline.StepEnd{
					{Name: "a", Outcome: pipeline.Failed, Reason: "Error", Message: "no rows"},
					{Name: "b", Outcome: pipeline.Skipped, Reason: "Skipped", Message: b.Message},
				},
			}, "alarm", "clean")
		})
	}
}

func TestHooksBeginOnceEverythingElseIsOver(t *testing.T) {
	t.Parallel()
	var h listener
	a := pipeline.Func0("a", number)
	p := h.on(pipeline.New("p").Step(pipeline.Func("b", increment, a), pipeline.Func("c", increment, a)))
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	started := c.Started()
	slices.Sort(started[3:])
	if diff := cmp.Diff([]string{"celebrate", "clean"}, started[3:]); diff != "" {
		t.Errorf("started after the three steps (-want +got):\n%s", diff)
	}
}

func TestHookThatFailsIsRepeatedAndChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("a", number)).
			OnExit("once-more", func(ctx context.Context, _ pipeline.RunEnd) error {
				if pipeline.AttemptInfo(ctx).Attempt < 3 {
					return errors.New("not yet")
				}
				return nil
			}).
			OnExit("doomed", func(context.Context, pipeline.RunEnd) error { return errors.New("no such channel") })
		c := k8sorchtest.New(t, p)
		var notices []string
		o := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
			if e.Kind == pipeline.Notice {
				notices = append(notices, e.Message)
			}
		}))
		run, err := o.Run(c.Context(t.Context()), p)
		if err != nil || run.Outcome != pipeline.Succeeded {
			t.Fatalf("the run ended as %s, %v, want Succeeded", run.Outcome, err)
		}
		want := []pipeline.StepRun{
			{Name: "once-more", Outcome: pipeline.Succeeded, Attempts: 3},
			{Name: "doomed", Outcome: pipeline.Failed, Reason: "Error", Message: "no such channel", Attempts: 3},
		}
		if diff := cmp.Diff(want, run.Hooks, cmpopts.IgnoreFields(pipeline.StepRun{}, "UID", "Started", "Finished", "Size", "Log"),
			cmpopts.IgnoreUnexported(pipeline.StepRun{})); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
		if want := `hook "doomed": Failed (Error): no such channel`; !slices.Contains(notices, want) {
			t.Errorf("notices %q, want %q among them", notices, want)
		}
	})
}

func TestHookPodsHaveADeadlineOfTheirOwn(t *testing.T) {
	t.Parallel()
	var h listener
	p := h.on(pipeline.New("p").Step(pipeline.Func0("a", number)).
		Settings(pipeline.KubernetesOrchestratorSettings{ActiveDeadlineSeconds: new(7200), EnableCache: new(true)}))
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for step, want := range map[string]int64{"a": 7200, "clean": 300} {
		if got := c.Pods(step)[0].Spec.ActiveDeadlineSeconds; got == nil || *got != want {
			t.Errorf("deadline of %q = %v, want %d", step, got, want)
		}
	}
}

func TestHooksAreValidated(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, pipeline.RunEnd) error { return nil }
	p := pipeline.New("p").Step(pipeline.Func0("a", number)).
		OnExit("a", nothing).OnSuccess("Not a label", nothing).OnFailure("alarm", nil)
	var invalid *pipeline.ValidationError
	if err := p.Validate(); !errors.As(err, &invalid) {
		t.Fatalf("Validate() = %v, want a *ValidationError", err)
	}
	var got []string
	for _, m := range invalid.Mistakes {
		text, _, _ := strings.Cut(m.Text, " by the")
		if !strings.HasPrefix(m.Pos, "hook_test.go:") {
			t.Errorf("mistake at %s, want it where the hook is declared", m.Pos)
		}
		got = append(got, text)
	}
	want := []string{
		`hook "alarm": its function is nil`,
		`hook name "a" is taken already`,
		`hook name "Not a label" is not a DNS-1123 label; use lower-case letters, digits and dashes, and begin and end with a letter or digit`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestHooksComeTooLate(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	var h listener
	if err := h.on(p).Validate(); err == nil || !strings.Contains(err.Error(), `hook "celebrate" comes too late`) {
		t.Errorf("Validate() = %v, want it to say that the hook comes too late", err)
	}
}
