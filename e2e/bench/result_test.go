package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/kube"
)

// resultOf is what a chain of two steps of one second each gives on a node.
func resultOf(t *testing.T, access string) figures.Result {
	t.Helper()
	s, err := shape.Parse("chain:2")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{
		lab: &lab{share: share{Series: series{Node: true}}}, Cell: figures.Cell{System: figures.K8sorch, Access: access},
		shape: s, all: s, namespace: "n", ids: []string{"r"}, begun: map[string]time.Time{},
	}
	var requests []audit.Request
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, step := range s.Steps {
		r.begun[step.Name] = begin.Add(time.Duration(i)*time.Second + 700*time.Millisecond)
		for after, name := range map[time.Duration]string{0: kube.PodName("", r.ids[0], step.Name, 1), 990 * time.Millisecond: kube.ResultName(r.ids[0], step.Name)} {
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
	got := resultOf(t, "")
	if got.Dispatch == nil || got.Dispatch.P50 != 10 {
		t.Errorf("dispatch %+v, want 10 ms", got.Dispatch)
	}
	if got.StepSeconds != 1 || got.BeginSeconds != 0.7 || got.Throttled != 1 {
		t.Errorf("%g s for a step, %g s before its function, %d requests throttled, want 1, 0.7 and 1", got.StepSeconds, got.BeginSeconds, got.Throttled)
	}
}

// TestResultOfManyRuns has two runs of two steps that begin one second after the other.
func TestResultOfManyRuns(t *testing.T) {
	t.Parallel()
	s, err := shape.Parse("chain:2")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{
		lab: &lab{}, Cell: figures.Cell{System: figures.K8sorch, AtOnce: 2}, shape: s, all: s.Copies(2), namespace: "n", ids: []string{"a", "b"},
	}
	var requests []audit.Request
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	create := func(after time.Duration, resource, name string) {
		at = at.Add(after)
		requests = append(requests, audit.Request{
			User: "system:serviceaccount:n:" + kube.OrchestratorAccount,
			Verb: "create", Resource: resource, Namespace: "n", Name: name, Code: http.StatusCreated, Received: at,
		})
	}
	for _, id := range r.ids {
		for _, step := range s.Steps {
			create(10*time.Millisecond, "pods", kube.PodName("", id, step.Name, 1))
			create(490*time.Millisecond, "configmaps", kube.ResultName(id, step.Name))
		}
	}
	got, err := r.result(requests, []process{{usage: usage{cpu: 1, peak: 30}}, {usage: usage{cpu: 2, peak: 40}}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := figures.Result{
		Cell: r.Cell, Steps: 4, Seconds: 1.99, StepsPerSecond: 4 / 1.99, Dispatch: &figures.Dispatch{P50: 10, P90: 10, P99: 10, Max: 10},
		Requests: audit.Counts{Calls: map[string]int{"create pods": 4, "create configmaps": 4}, Watches: map[string]int{}},
		CPU:      map[string]float64{figures.Orchestrator: 3}, Memory: map[string]float64{figures.Orchestrator: 40}, AllMemory: 70,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestNoDispatchOfStepsWithoutToken: the orchestrator makes their records, when it knows already.
func TestNoDispatchOfStepsWithoutToken(t *testing.T) {
	t.Parallel()
	got := resultOf(t, figures.Rightless)
	if got.Dispatch != nil {
		t.Errorf("dispatch %+v", got.Dispatch)
	}
	if got.StepSeconds != 1 {
		t.Errorf("%g s for a step, want 1", got.StepSeconds)
	}
}
