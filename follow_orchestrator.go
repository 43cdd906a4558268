package pipeline

import (
	"context"
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// troubleTap tells what hinders the orchestrator, as far as only its log says so: a call that the API server keeps
// refusing, or a quota that is used up. The run goes on once that is over, and until then nothing else would tell why it
// does not.
type troubleTap struct {
	run      *clusterRun
	follower *kube.LogFollower
	last     string
	// queued is why each step waited for its turn when that was told last.
	queued map[string]string
}

func (r *clusterRun) newTroubleTap() *troubleTap {
	t := &troubleTap{run: r, queued: map[string]string{}}
	t.follower = kube.NewLogFollower(r.conn.Client, r.ref.Namespace, maxFollowed, kube.LogSink{Line: t.line})
	return t
}

// orchestrator returns what begins and ends the reading of each orchestrator's log.
func (t *troubleTap) orchestrator(ctx context.Context) func(kube.JobState) {
	return func(s kube.JobState) {
		switch o := s.Orchestrator; {
		case o.Ended:
			t.follower.Ended(ctx, o.Pod)
		case o.Phase == corev1.PodRunning:
			t.follower.Running(ctx, o.Pod)
		}
	}
}

// logEntry is what is read of a line of the orchestrator's log.
type logEntry struct {
	Level string `json:"level"`
	Msg   string `json:"msg"`
	Error string `json:"error"`
	// The others are those of stepLogger.
	Step    string `json:"step"`
	Attempt int    `json:"attempt"`
	State   string `json:"state"`
	Why     string `json:"why"`
}

// line tells of what hinders the orchestrator. Errors of the orchestrator end it, and are told with its end.
func (t *troubleTap) line(_, line string) {
	var entry logEntry
	switch {
	case json.Unmarshal([]byte(line), &entry) != nil:
	case entry.Level == "warn":
		t.warning(entry)
	case entry.Msg == stepChanged && entry.State == string(engine.Queued):
		t.waitsItsTurn(entry)
	}
}

// warning tells of a warning, once for as often as it is repeated.
func (t *troubleTap) warning(entry logEntry) {
	said := []string{"the orchestrator says", entry.Msg}
	if entry.Error != "" {
		said = append(said, entry.Error)
	}
	if text := strings.Join(said, ": "); text != t.last {
		t.last = text
		t.run.tracker.notice(text)
	}
}

// waitsItsTurn tells of a step's next attempt that it waits, once for each reason. The number in the log is that of the
// attempt before it.
func (t *troubleTap) waitsItsTurn(entry logEntry) {
	if t.queued[entry.Step] != entry.Why && t.run.tracker.queued(entry.Step, entry.Attempt+1, entry.Why) {
		t.queued[entry.Step] = entry.Why
	}
}
