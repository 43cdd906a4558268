package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
)

func number(context.Context) (int, error) { return 1, nil }

func increment(_ context.Context, n int) (int, error) { return n + 1, nil }

// here returns the position of the line that calls it, shifted by some lines.
func here(lines int) string {
	_, _, line, _ := runtime.Caller(1)
	return fmt.Sprintf("validate_test.go:%d", line+lines)
}

// mistakes validates a pipeline and returns what is wrong with it.
func mistakes(t *testing.T, p *pipeline.Pipeline) []pipeline.Mistake {
	t.Helper()
	err := p.Validate()
	if err == nil {
		return nil
	}
	var invalid *pipeline.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("Validate() = %v, want a *ValidationError", err)
	}
	return invalid.Mistakes
}

func TestValidateAcceptsAGraph(t *testing.T) {
	t.Parallel()
	n := pipeline.Param("n", 1)
	a := pipeline.Func("a", increment, n)
	b := pipeline.Func("b", increment, a).After(pipeline.Func0("c", number))
	if err := pipeline.New("good").Step(b, b).Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateReportsEveryMistakeWithItsPlace(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", number)
	once := here(-1)
	again := pipeline.Func("a", increment, a)
	twice := here(-1)
	long := pipeline.Func("b"+strings.Repeat("x", 63), increment, again)
	tooLong := here(-1)
	bad := pipeline.Func("Not_A_Label", increment, long).Retry(pipeline.Retry{MaxRetries: -1})
	notALabel := here(-1)
	type handle struct{ secret string }
	lost := pipeline.Func0("lost", func(context.Context) (handle, error) { return handle{secret: ""}, nil })
	nothing := here(-1)
	var none *pipeline.Step[int]
	orphan := pipeline.Func("orphan", increment, none)
	noInput := here(-1)
	got := mistakes(t, pipeline.New("bad").Step(bad, lost, orphan))
	want := []pipeline.Mistake{
		{Pos: twice, Text: `step name "a" is taken already by the step at ` + once + `; give every step, parameter and hook a name of its own`},
		{Pos: tooLong, Text: fmt.Sprintf(`step name "b%s" has 64 bytes; a label on Kubernetes holds 63, so shorten it`, strings.Repeat("x", 63))},
		{Pos: notALabel, Text: `step name "Not_A_Label" is not a DNS-1123 label; use lower-case letters, digits and dashes, and begin and end with a letter or digit`},
		{Pos: notALabel, Text: `step "Not_A_Label": Retry: MaxRetries is -1; give 0 or more`},
		{Pos: nothing, Text: `step "lost": its value cannot be handed on: pipeline_test.handle would encode to nothing: it has no exported field; export some, or give it MarshalBinary and UnmarshalBinary`},
		{Pos: noInput, Text: `step "orphan": input 1 is nil; pass a step or a parameter`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestValidateRefusesCycles(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", number)
	b := pipeline.Func("b", increment, a)
	c := pipeline.Func("c", increment, b)
	a.After(c)
	want := []pipeline.Mistake{{Pos: here(-1), Text: `step "c" waits for itself: c → b → a → c; take an After out of this cycle`}}
	if diff := cmp.Diff(want, mistakes(t, pipeline.New("loop").Step(c))); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestValidateRefusesUnencodableValues(t *testing.T) {
	t.Parallel()
	type nested struct{ Callbacks []func() }
	steps := map[string]pipeline.Node{
		"chan int is a chan, which cannot be encoded":                   pipeline.Func0("s", func(context.Context) (chan int, error) { return nil, nil }),
		".Callbacks[] is a func, which cannot be encoded":               pipeline.Func0("s", func(context.Context) (nested, error) { return nested{}, nil }),
		"is the interface error: the type behind it would be lost; use": pipeline.Func0("s", func(context.Context) (error, error) { return nil, nil }),
		"complex128 is a complex128, which cannot be encoded":           pipeline.Func0("s", func(context.Context) (complex128, error) { return 0, nil }),
	}
	for want, step := range steps {
		got := mistakes(t, pipeline.New("p").Step(step))
		if len(got) != 1 || !strings.Contains(got[0].Text, want) {
			t.Errorf("mistakes = %v, want one with %q", got, want)
		}
	}
}

func TestUseAfterFreezingIsAMistake(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", number)
	n := pipeline.Param("n", 1)
	p := pipeline.New("p").Step(a, pipeline.Func("b", increment, n))
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	p.Step(pipeline.Func0("c", number))
	p.Settings(pipeline.KubernetesOrchestratorSettings{})
	a.Retry(pipeline.Retry{})
	a.After(pipeline.Func0("d", number))
	n.Usage("too late")
	late := regexp.MustCompile(`comes too late, .* declare everything before Run, Submit, Dispatch or Validate`)
	got := mistakes(t, p)
	if len(got) != 5 {
		t.Fatalf("%d mistakes, want 5: %v", len(got), got)
	}
	for _, m := range got {
		if !late.MatchString(m.Text) || !strings.HasPrefix(m.Pos, "validate_test.go:") {
			t.Errorf("mistake %v, want one that says where and that it comes too late", m)
		}
	}
}

func TestEmptyPipelineIsAMistake(t *testing.T) {
	t.Parallel()
	want := []pipeline.Mistake{{Pos: here(1), Text: `pipeline "p" has no steps; name its goals with Step`}}
	if diff := cmp.Diff(want, mistakes(t, pipeline.New("p"))); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestValidationErrorListsMistakes(t *testing.T) {
	t.Parallel()
	err := &pipeline.ValidationError{Pipeline: "p", Mistakes: []pipeline.Mistake{{Pos: "a.go:1", Text: "one"}, {Pos: "b.go:2", Text: "two"}}}
	want := "pipeline \"p\" has 2 mistakes:\n\ta.go:1: one\n\tb.go:2: two"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}
