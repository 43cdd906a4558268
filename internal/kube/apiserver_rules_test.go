package kube

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiwatch "k8s.io/apimachinery/pkg/watch"

	"github.com/org/k8sorch/internal/record"
)

// check holds what has happened, in the order of the revisions, against the rules.
func (r *faultyRun) check(t *testing.T) {
	t.Helper()
	if got := r.machine.Outcome(); got != record.Succeeded {
		t.Errorf("outcome %s", got)
	}
	pods, results, closed := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range r.server.changes {
		step := c.object.GetLabels()[LabelStep]
		if c.kind != apiwatch.Added || step == "" {
			continue
		}
		switch c.object.GetLabels()[LabelRecord] {
		case RecordResult:
			results[step]++
		case RecordAttempt:
			closed[step]++
		default:
			pods[step]++
			r.checkInputs(t, c, results)
		}
	}
	for _, s := range r.engine.Steps {
		if got := r.successes[s.Name]; got != 1 || results[s.Name] != 1 {
			t.Errorf("step %s has %d records, and changed to success and back %d times", s.Name, results[s.Name], got)
		}
		if want := r.fails[s.Name]; pods[s.Name] != want+1 || closed[s.Name] != want {
			t.Errorf("step %s had %d pods and %d recorded failures, want %d and %d", s.Name, pods[s.Name], closed[s.Name], want+1, want)
		}
	}
	r.checkRest(t)
	r.checkRequests(t)
}

// checkInputs tells when a pod was made before what it needs was recorded.
func (r *faultyRun) checkInputs(t *testing.T, made change, results map[string]int) {
	t.Helper()
	for _, s := range r.engine.Steps {
		if s.Name != made.object.GetLabels()[LabelStep] {
			continue
		}
		for _, need := range s.Needs {
			if results[need] == 0 {
				t.Errorf("%s was made at revision %d, before the result of %s was recorded", made.object.GetName(), made.revision, need)
			}
		}
	}
}

// checkRest tells of pods that are left and have not ended.
func (r *faultyRun) checkRest(t *testing.T) {
	t.Helper()
	for name, c := range r.server.objects {
		if pod, ok := c.object.(*corev1.Pod); ok && !isTerminal(pod) {
			t.Errorf("%s is left, %s", name, pod.Status.Phase)
		}
	}
}

// checkRequests bounds what was asked of the server: for watches, which an outage cuts; at most five times for an attempt, as
// one that fails takes; three times for each fault, and not more for an outage than what was in vain.
func (r *faultyRun) checkRequests(t *testing.T) {
	t.Helper()
	for _, early := range r.early {
		t.Error(early)
	}
	attempts := len(r.kubelet.running)
	budget := 10 + 5*attempts + 3*(r.total()-r.inVain) + r.inVain
	if r.requests > budget {
		t.Errorf("%d requests for %d attempts, %d of them in an outage, and %d other faults, want at most %d",
			r.requests, attempts, r.inVain, r.total()-r.inVain, budget)
	}
}
