package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

const (
	// maxFollowed bounds the streams that one client keeps open through the API server to the kubelets.
	maxFollowed = 10
	// restOfLogs is how long a run that has ended waits for the last lines of its steps.
	restOfLogs = 10 * time.Second
)

// logTap follows the logs of a run's steps.
type logTap struct {
	run      *clusterRun
	follower *kube.LogFollower

	mu   sync.Mutex
	pods map[string]tapped
}

// tapped is the attempt that a pod is.
type tapped struct {
	step    string
	attempt int
}

func (r *clusterRun) newLogTap() *logTap {
	t := &logTap{run: r, pods: map[string]tapped{}}
	t.follower = kube.NewLogFollower(r.conn.Client, r.ref.Namespace, maxFollowed, kube.LogSink{Line: t.line, Unreadable: t.unreadable})
	return t
}

func (t *logTap) line(pod, line string) {
	t.mu.Lock()
	from := t.pods[pod]
	t.mu.Unlock()
	t.run.tracker.log(from.step, from.attempt, line)
}

func (t *logTap) unreadable(pod string, err error) {
	t.mu.Lock()
	from := t.pods[pod]
	t.mu.Unlock()
	t.run.tracker.notice(fmt.Sprintf("the log of step %q cannot be read: %v", from.step, err))
}

// status begins and ends what is followed with the attempts. Where the logs are not to be told, they are not read.
func (t *logTap) status(ctx context.Context, st engine.Status) {
	if st.Attempt == 0 || t.run.tracker.quiet {
		return
	}
	pod := t.run.podName(st.Step, st.Attempt)
	switch st.State {
	case engine.State(engine.Running):
		t.add(pod, tapped{st.Step, st.Attempt})
		t.follower.Running(ctx, pod)
	case engine.Ending, engine.Done:
		t.add(pod, tapped{st.Step, st.Attempt})
		t.follower.Ended(ctx, pod)
	}
}

func (t *logTap) add(pod string, from tapped) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pods[pod] = from
}

// drain returns when the last lines are read, or cancels what still reads when that takes too long.
func (t *logTap) drain(cancel context.CancelFunc) {
	timer := time.AfterFunc(restOfLogs, cancel)
	defer timer.Stop()
	t.follower.Wait()
}
