package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/kube"
)

// result makes figures of what was asked of the API server during the run.
func (r *run) result(all []audit.Request, processes []process, before, after map[string]usage) (figures.Result, error) {
	requests := r.own(all)
	times := r.timeline(requests)
	if missing := times.Missing(r.all); len(missing) > 0 {
		return figures.Result{}, fmt.Errorf("the audit log lacks the beginning or the end of %d steps, %s first", len(missing), missing[0])
	}
	from, to := times.Span()
	n := len(r.all.Steps)
	result := figures.Result{
		Cell:  r.Cell,
		Steps: n, Seconds: to.Sub(from).Seconds(), StepsPerSecond: float64(n) / to.Sub(from).Seconds(),
		CriticalSeconds: r.shape.CriticalPath().Seconds(), Throttled: throttled(requests),
	}
	// The orchestrator itself makes the records of steps that cannot, after it has seen the ends of their pods: what comes
	// between record and pod is less than a dispatch.
	if r.Access != figures.Rightless {
		result.Dispatch = figures.DispatchOf(milliseconds(times.Dispatches(r.all)))
	}
	if r.Series.Node {
		result.StepSeconds = times.Started[r.shape.Steps[n-1].Name].Sub(from).Seconds() / float64(n-1)
		result.BeginSeconds = r.untilBegun(times).Seconds()
		return result, nil
	}
	result.Requests = audit.Count(all, "system:serviceaccount:"+r.namespace+":"+kube.OrchestratorAccount)
	if r.AtOnce == 0 {
		result.FirstStep = inMilliseconds(from.Sub(processes[0].started))
	}
	if r.Kill {
		again := processes[len(processes)-1].started
		result.Restart = inMilliseconds(times.FirstStart(again).Sub(again))
		result.Lists = inMilliseconds(r.lists)
	}
	spent(&result, processes, before, after)
	return result, nil
}

// untilBegun returns the mean time from the call that creates a step's pod to the beginning of the step's function; 0 where
// nobody says when that is.
func (r *run) untilBegun(times audit.Timeline) (mean time.Duration) {
	for step, began := range r.begun {
		mean += began.Sub(times.Started[step]) / time.Duration(len(r.begun))
	}
	return mean
}

// own returns the requests about the run's namespace.
func (r *run) own(all []audit.Request) (own []audit.Request) {
	for _, request := range all {
		if request.Namespace == r.namespace {
			own = append(own, request)
		}
	}
	return own
}

// timeline finds the steps by the names of what they are made of.
func (r *run) timeline(requests []audit.Request) audit.Timeline {
	if r.OfJobs() {
		return audit.ByJobs(requests)
	}
	pods, records := map[string]string{}, map[string]string{}
	for i, id := range r.ids {
		for _, s := range r.shape.Steps {
			pods[kube.PodName("", id, s.Name, 1)] = r.nameIn(i, s.Name)
			records[kube.ResultName(id, s.Name)] = r.nameIn(i, s.Name)
		}
	}
	return audit.ByRecords(requests, pods, records)
}

// nameIn returns the name that a step of one of the runs has in the graph of all of them.
func (r *run) nameIn(i int, step string) string {
	if r.AtOnce == 0 {
		return step
	}
	return shape.NameIn(i, step)
}

func throttled(requests []audit.Request) (n int) {
	for _, r := range requests {
		if r.Code == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

func milliseconds(of []time.Duration) (all []float64) {
	for _, d := range of {
		all = append(all, inMilliseconds(d))
	}
	return all
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
