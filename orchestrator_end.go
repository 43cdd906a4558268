package pipeline

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
)

const (
	// settleTime is how long records and pods may trail behind the end of the orchestrator's Job in this process's view.
	settleTime = 5 * time.Second
	// trailTime is after which part of it, or how long after the record of the run's end was seen, a pod that is not in view
	// counts as never started. An orchestrator that drains the run starts none in its last moments, so that they had longer
	// to come into view than this.
	trailTime = 2 * time.Second
)

// orchestratorEnd ends the watch of a run when its orchestrator has ended, and remembers why that was.
type orchestratorEnd struct {
	// settled is closed when what has not begun by then never will.
	settled       chan struct{}
	cancel        context.CancelCauseFunc
	over, trailed sync.Once
	mu            sync.Mutex
	last          kube.JobState
}

func newOrchestratorEnd(cancel context.CancelCauseFunc) *orchestratorEnd {
	return &orchestratorEnd{settled: make(chan struct{}), cancel: cancel}
}

func (e *orchestratorEnd) take(s kube.JobState) {
	e.mu.Lock()
	e.last = s
	e.mu.Unlock()
	if s.Finished != "" {
		e.settle()
		e.over.Do(func() {
			time.AfterFunc(settleTime, func() { e.cancel(errOrchestratorEnded) })
		})
	}
}

// settle takes note that the orchestrator begins no step any more.
func (e *orchestratorEnd) settle() {
	e.trailed.Do(func() {
		time.AfterFunc(trailTime, func() { close(e.settled) })
	})
}

// message says in words how the orchestrator ended.
func (e *orchestratorEnd) message() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return endedBefore(e.last)
}

// endedBefore says in words how the orchestrator ended whose run had not.
func endedBefore(s kube.JobState) string {
	said := []string{"its orchestrator ended before the run did"}
	for _, why := range []string{s.Message, s.Orchestrator.Message} {
		if why != "" {
			said = append(said, why)
		}
	}
	return strings.Join(said, ": ")
}

// tellOutage tells that this client does not see the run, and that it sees it again. The run may go on meanwhile.
func (r *clusterRun) tellOutage(err error) {
	if err == nil {
		r.tracker.notice("the run can be watched again")
		return
	}
	r.tracker.notice(fmt.Sprintf("the run cannot be watched, trying again: %v", err))
}

// tellOrchestrator returns what tells, once per change, why the orchestrator itself does not run.
func (r *clusterRun) tellOrchestrator() func(kube.JobState) {
	var last string
	return func(s kube.JobState) {
		why := orchestratorWaits(s)
		if why != "" && why != last {
			r.tracker.notice(why)
		}
		last = why
	}
}

// orchestratorWaits says why the orchestrator itself does not run; empty when nothing is known to keep it.
func orchestratorWaits(s kube.JobState) string {
	switch {
	case s.Suspended && s.Finished == "":
		return "the orchestrator is waiting: its Job is suspended, as a queue keeps it until the run's turn has come"
	case s.Orchestrator.Phase == corev1.PodPending && s.Orchestrator.Message != "":
		return "the orchestrator is waiting: " + s.Orchestrator.Reason + ": " + s.Orchestrator.Message
	}
	return ""
}
