package audit

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/org/k8sorch/e2e/bench/shape"
)

// Timeline is when the steps of a run began and ended, as the API server was asked to make it so.
type Timeline struct {
	// Started is when the creation of the step's pod or Job was asked for.
	Started map[string]time.Time
	// Ended is when the step's record was asked for, or the patch that said that its pod had ended.
	Ended map[string]time.Time
}

// ByRecords reads the timeline of a run whose steps record their results. Pods and records have the steps by the names of
// their pods and of the ConfigMaps of their records.
func ByRecords(requests []Request, pods, records map[string]string) Timeline {
	t := newTimeline()
	for _, r := range requests {
		switch {
		case r.Verb != "create" || refused(r):
		case r.Resource == "pods":
			first(t.Started, pods[r.Name], r.Received)
		case r.Resource == "configmaps":
			first(t.Ended, records[r.Name], r.Received)
		}
	}
	return t
}

// ByJobs reads the timeline of a run of which every step is a Job that has the step's name. The last patch of the status of
// its pod is the one that says that it has ended.
func ByJobs(requests []Request) Timeline {
	t := newTimeline()
	for _, r := range requests {
		switch {
		case r.Resource == "jobs" && r.Verb == "create" && !refused(r):
			first(t.Started, r.Name, r.Received)
		case r.Resource == "pods/status" && r.Verb == "patch" && r.Code == http.StatusOK:
			if cut := strings.LastIndex(r.Name, "-"); cut > 0 {
				t.Ended[r.Name[:cut]] = r.Received
			}
		}
	}
	return t
}

// refused tells of requests that have changed nothing. One whose client was killed meanwhile may have, though its answer was
// an error of the server's.
func refused(r Request) bool {
	return r.Code >= http.StatusBadRequest && r.Code < http.StatusInternalServerError
}

func newTimeline() Timeline {
	return Timeline{Started: map[string]time.Time{}, Ended: map[string]time.Time{}}
}

func first(of map[string]time.Time, step string, at time.Time) {
	if known, ok := of[step]; step != "" && (!ok || at.Before(known)) {
		of[step] = at
	}
}

// Missing returns the steps of the shape that did not begin or did not end.
func (t Timeline) Missing(s shape.Shape) (missing []string) {
	for _, step := range s.Steps {
		if t.Started[step.Name].IsZero() || t.Ended[step.Name].IsZero() {
			missing = append(missing, step.Name)
		}
	}
	return missing
}

// Dispatches returns, for each step that needs others, how long after the end of the last of these it was begun.
func (t Timeline) Dispatches(s shape.Shape) (all []time.Duration) {
	for _, step := range s.Steps {
		var last time.Time
		for _, before := range step.Needs {
			if end := t.Ended[s.Steps[before].Name]; end.After(last) {
				last = end
			}
		}
		if len(step.Needs) > 0 {
			all = append(all, t.Started[step.Name].Sub(last))
		}
	}
	slices.Sort(all)
	return all
}

// Span returns when the first step began and the last one ended.
func (t Timeline) Span() (from, to time.Time) {
	for _, at := range t.Started {
		if from.IsZero() || at.Before(from) {
			from = at
		}
	}
	for _, at := range t.Ended {
		if at.After(to) {
			to = at
		}
	}
	return from, to
}

// FirstStart returns the first time after the given one at which a step was begun; zero where none was.
func (t Timeline) FirstStart(after time.Time) (earliest time.Time) {
	for _, at := range t.Started {
		if at.After(after) && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	return earliest
}
