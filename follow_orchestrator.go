package pipeline

import (
	"context"
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
)

// troubleTap tells what hinders the orchestrator, as far as only its log says so: a call that the API server keeps
// refusing, most of all. The run goes on once that is over, and until then nothing else would tell why it does not.
type troubleTap struct {
	run      *clusterRun
	follower *kube.LogFollower
	last     string
}

func (r *clusterRun) newTroubleTap() *troubleTap {
	t := &troubleTap{run: r}
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

// line tells of a warning, once for as often as it is repeated. Errors of the orchestrator end it, and are told with its
// end.
func (t *troubleTap) line(_, line string) {
	var entry struct {
		Level string `json:"level"`
		Msg   string `json:"msg"`
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(line), &entry) != nil || entry.Level != "warn" {
		return
	}
	said := []string{"the orchestrator says", entry.Msg}
	if entry.Error != "" {
		said = append(said, entry.Error)
	}
	if text := strings.Join(said, ": "); text != t.last {
		t.last = text
		t.run.tracker.notice(text)
	}
}
