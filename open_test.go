package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func answerIs[T any](v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, nil }
}

func TestOpenFindsARunThatAnotherProcessSubmitted(t *testing.T) {
	t.Parallel()
	answer := pipeline.Func0("answer", answerIs(42))
	p := pipeline.New("guide").Step(answer)
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.Orchestrator().Open(c.Context(t.Context()), p, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Wait(c.Context(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := answer.Result(t.Context(), again); err != nil || got != 42 || again.ID != run.ID || !again.Submitted.Equal(run.Submitted) {
		t.Errorf("run %s of %s has the result %d, %v; want that of run %s of %s", again.ID, again.Submitted, got, err, run.ID, run.Submitted)
	}
}

func TestOpenOfAnotherGraphShowsTheRunWithoutItsResults(t *testing.T) {
	t.Parallel()
	p := pipeline.New("guide").Step(pipeline.Func0("answer", answerIs(42)))
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	answer := pipeline.Func0("answer", answerIs("forty-two"))
	h, err := c.Orchestrator().Open(c.Context(t.Context()), pipeline.New("guide").Step(answer), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Wait(c.Context(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := answer.Result(t.Context(), again); err == nil || !strings.Contains(err.Error(), "has changed since run "+run.ID) {
		t.Errorf("error %v does not say that the graph has changed", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	p := pipeline.New("guide").Step(pipeline.Func0("answer", answerIs(42)))
	c := k8sorchtest.New(t, p)
	if _, err := c.Orchestrator().Open(c.Context(t.Context()), p, "guide-7"); !errors.Is(err, pipeline.ErrNoRun) {
		t.Errorf("error %v, want %v", err, pipeline.ErrNoRun)
	}
	_, err := pipeline.NewOrchestrator(pipeline.Config{Dir: "nowhere"}).Open(c.Context(t.Context()), p, "guide-7")
	if !errors.Is(err, pipeline.ErrNoRun) || !strings.Contains(err.Error(), "looking for it in ") {
		t.Errorf("error %v does not say where the run of child processes was looked for", err)
	}
}
