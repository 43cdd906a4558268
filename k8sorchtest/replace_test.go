package k8sorchtest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

var errHeavy = errors.New("the heavy work was done")

// heavy is a pipeline with a step of each number of inputs, none of which can be run in a test.
type heavy struct {
	*pipeline.Pipeline
	none  *pipeline.Step[int]
	one   *pipeline.Step[string]
	two   *pipeline.Step[[]string]
	three *pipeline.Step[string]
}

func newHeavy() heavy {
	var h heavy
	h.none = pipeline.Func0("none", func(context.Context) (int, error) { return 0, errHeavy })
	h.one = pipeline.Func("one", func(context.Context, int) (string, error) { return "", errHeavy }, h.none)
	h.two = pipeline.Func2("two", func(context.Context, int, string) ([]string, error) { return nil, errHeavy }, h.none, h.one)
	h.three = pipeline.Func3("three", func(context.Context, int, string, []string) (string, error) { return "", errHeavy },
		h.none, h.one, h.two)
	h.Pipeline = pipeline.New("heavy").Step(h.three).
		OnExit("clean", func(context.Context, pipeline.RunEnd) error { return errHeavy })
	return h
}

func TestReplaceRunsTheOtherFunctions(t *testing.T) {
	t.Parallel()
	h := newHeavy()
	c := k8sorchtest.New(t, h.Pipeline)
	k8sorchtest.Return(c, h.none, 7)
	c.Replace("one", func(_ context.Context, n int) (string, error) { return fmt.Sprint("one of ", n), nil })
	c.Replace("two", func(_ context.Context, n int, s string) ([]string, error) {
		return []string{s, fmt.Sprint("two of ", n)}, nil
	})
	c.Replace("three", func(_ context.Context, n int, s string, all []string) (string, error) {
		return fmt.Sprintf("%d, %s, %s", n, s, all), nil
	})
	var told pipeline.Outcome
	c.Replace("clean", func(_ context.Context, end pipeline.RunEnd) error {
		told = end.Outcome
		return nil
	})
	run, err := c.Run(t.Context(), h.Pipeline)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.three.Result(t.Context(), run); err != nil || got != "7, one of 7, [one of 7 two of 7]" {
		t.Errorf("result = %q, %v", got, err)
	}
	if told != pipeline.Succeeded {
		t.Errorf("the hook was told of the outcome %q", told)
	}
}

func TestReplacementThatLooksAtNoInput(t *testing.T) {
	t.Parallel()
	h := newHeavy()
	c := k8sorchtest.New(t, h.Pipeline)
	k8sorchtest.Return(c, h.none, 7)
	c.Replace("one", func(context.Context) (string, error) { return "", pipeline.Permanent(errors.New("no such table")) })
	c.Replace("clean", func(context.Context, pipeline.RunEnd) error { return nil })
	run, err := c.Run(t.Context(), h.Pipeline)
	if err == nil {
		t.Fatal("the run succeeded, want the failure of the replacement")
	}
	if s, _ := run.Step("one"); s.Outcome != pipeline.Failed || s.Message != "no such table" {
		t.Errorf("step = %+v, want it failed with the replacement's error", s)
	}
}

func TestReplacementsArePerPipelineAndCluster(t *testing.T) {
	t.Parallel()
	number := pipeline.Func0("a", func(context.Context) (int, error) { return 1, nil })
	text := pipeline.Func0("a", func(context.Context) (int, error) { return 2, nil })
	first, second := pipeline.New("first").Step(number), pipeline.New("second").Step(text)
	c := k8sorchtest.New(t, first, second)
	c.Replace("a", func(context.Context) (int, error) { return 3, nil })
	results := map[string]int{}
	for name, run := range map[string]func() (*pipeline.Run, error){
		"replaced":        func() (*pipeline.Run, error) { return c.Run(t.Context(), first) },
		"another cluster": func() (*pipeline.Run, error) { return k8sorchtest.New(t, first).Run(t.Context(), first) },
	} {
		made, err := run()
		if err != nil {
			t.Fatal(err)
		}
		if results[name], err = number.Result(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	made, err := c.Run(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if results["another pipeline"], err = text.Result(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"replaced": 3, "another cluster": 1, "another pipeline": 3}, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// failing is a test that is to fail: it keeps what it is told.
type failing struct {
	*testing.T
	said []string
}

func (f *failing) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func (f *failing) Fatalf(format string, args ...any) { f.Errorf(format, args...) }

func TestReplaceRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		step string
		fn   any
		want string
	}{
		"unknown step": {"four", func(context.Context) (int, error) { return 1, nil },
			`replacing step "four": the cluster's pipelines have no such step; they have none, one, two, three, clean`},
		"wrong value": {"none", func(context.Context) (string, error) { return "", nil },
			"its function is a func(context.Context) (int, error), and the replacement a func(context.Context) (string, error)"},
		"wrong input": {"one", func(context.Context, string) (string, error) { return "", nil },
			"its function is a func(context.Context, int) (string, error), and the replacement a func(context.Context, string) (string, error); " +
				"it may also be a func(context.Context) (string, error)"},
		"no function":  {"one", 7, "its function is a func(context.Context, int) (string, error), and the replacement a int"},
		"nil":          {"one", nil, "the replacement is nil; its function is a func(context.Context, int) (string, error)"},
		"nil function": {"one", (func(context.Context) (string, error))(nil), "the replacement is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test := &failing{T: t}
			k8sorchtest.New(test, newHeavy().Pipeline).Replace(tt.step, tt.fn)
			if len(test.said) != 1 || !strings.Contains(test.said[0], tt.want) {
				t.Errorf("the test fails with %q, want it to say %q", test.said, tt.want)
			}
		})
	}
}
