package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// pendingPatience is how long a pod may be on its way before its events are asked about. Some troubles, such as a volume
// that does not mount or a quota that is spent, are told nowhere else.
const pendingPatience = 10 * time.Second

// pendingWatch tells why pods do not come to run, once per change, as far as only events say so. It asks for nothing
// while everything runs.
type pendingWatch struct {
	run *clusterRun

	mu    sync.Mutex
	stuck map[string]stuckPod
	told  map[string]string
}

// stuckPod is a pod that is not running yet. The orchestrator's has no step.
type stuckPod struct {
	attempt int
	since   time.Time
}

func (r *clusterRun) newPendingWatch() *pendingWatch {
	return &pendingWatch{run: r, stuck: map[string]stuckPod{}, told: map[string]string{}}
}

// status takes note of steps that wait, and of those that do not any more.
func (w *pendingWatch) status(st engine.Status) {
	waits := st.State == engine.Starting || st.State == engine.State(engine.Waiting)
	w.note(st.Step, st.Attempt, waits)
}

// orchestrator takes note of whether the orchestrator has a pod.
func (w *pendingWatch) orchestrator(s kube.JobState) {
	w.note("", 0, s.Exists && s.Finished == "" && s.Orchestrator.Pod == "")
}

func (w *pendingWatch) note(step string, attempt int, waits bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known, ok := w.stuck[step]
	switch {
	case !waits:
		delete(w.stuck, step)
	case !ok || known.attempt != attempt:
		w.stuck[step] = stuckPod{attempt: attempt, since: time.Now()}
	}
}

// watch asks about those that have waited long, until ctx ends.
func (w *pendingWatch) watch(ctx context.Context) {
	ticker := time.NewTicker(pendingPatience)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.ask(ctx)
		}
	}
}

// maxAsked bounds the questions of one round: of a thousand steps that wait, all wait for the same.
const maxAsked = 5

func (w *pendingWatch) ask(ctx context.Context) {
	for _, step := range w.late() {
		why, err := w.why(ctx, step)
		if err != nil || why == "" || w.told[step] == why {
			continue // Events are for people; a client that may not read them goes without.
		}
		w.told[step] = why
		what := "the orchestrator"
		if step != "" {
			what = fmt.Sprintf("step %q", step)
		}
		w.run.tracker.notice(fmt.Sprintf("%s is waiting: %s", what, why))
	}
}

// late returns those that have waited long enough.
func (w *pendingWatch) late() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var late []string
	for _, step := range slices.Sorted(maps.Keys(w.stuck)) {
		if time.Since(w.stuck[step].since) >= pendingPatience && len(late) < maxAsked {
			late = append(late, step)
		}
	}
	return late
}

func (w *pendingWatch) why(ctx context.Context, step string) (string, error) {
	if step == "" {
		return kube.WhyNoOrchestrator(ctx, w.run.conn.Client, w.run.ref)
	}
	w.mu.Lock()
	attempt := w.stuck[step].attempt
	w.mu.Unlock()
	return kube.WhyNotRunning(ctx, w.run.conn.Client, w.run.ref.Namespace, w.run.podName(step, attempt), "")
}
