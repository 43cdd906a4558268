package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/kube"
)

// resultOf is what a chain of two steps of one second each gives on a node.
func resultOf(t *testing.T, rightless bool) figures.Result {
	t.Helper()
	s, err := shape.Parse("chain:2")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{
		lab: &lab{series: series{Node: true}}, Cell: figures.Cell{System: figures.K8sorch, Rightless: rightless},
		shape: s, namespace: "n", id: "r",
	}
	var requests []audit.Request
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, step := range s.Steps {
		for after, name := range map[time.Duration]string{0: kube.PodName("", r.id, step.Name, 1), 990 * time.Millisecond: kube.ResultName(r.id, step.Name)} {
			request := audit.Request{Verb: "create", Resource: "pods", Namespace: "n", Name: name, Code: http.StatusCreated}
			request.Received = begin.Add(time.Duration(i)*time.Second + after)
			if after > 0 {
				request.Resource = "configmaps"
			}
			requests = append(requests, request)
		}
	}
	requests = append(requests,
		audit.Request{Verb: "create", Resource: "pods", Namespace: "n", Code: http.StatusTooManyRequests},
		audit.Request{Verb: "create", Resource: "pods", Namespace: "other", Code: http.StatusTooManyRequests})
	result, err := r.result(requests, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestResult(t *testing.T) {
	t.Parallel()
	got := resultOf(t, false)
	if got.Dispatch == nil || got.Dispatch.P50 != 10 {
		t.Errorf("dispatch %+v, want 10 ms", got.Dispatch)
	}
	if got.StepSeconds != 1 || got.Throttled != 1 {
		t.Errorf("%g s for a step, %d requests throttled, want 1 and 1", got.StepSeconds, got.Throttled)
	}
}

// TestNoDispatchOfStepsWithoutToken: the orchestrator makes their records, when it knows already.
func TestNoDispatchOfStepsWithoutToken(t *testing.T) {
	t.Parallel()
	got := resultOf(t, true)
	if got.Dispatch != nil {
		t.Errorf("dispatch %+v", got.Dispatch)
	}
	if got.StepSeconds != 1 {
		t.Errorf("%g s for a step, want 1", got.StepSeconds)
	}
}
