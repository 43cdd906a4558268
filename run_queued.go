package pipeline

import (
	"context"
	"encoding/json"
	"slices"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// orchestratorLines is how many of the last lines of an orchestrator's log are looked through for steps that are refused.
const orchestratorLines = 1000

// queued finds out which steps are refused for now and wait for their turn: of that there is nothing on the cluster, and
// only the orchestrator's log tells. Without the right to read it, such a step seems to be about to start.
func (g *glance) queued(ctx context.Context) {
	o := g.job.Orchestrator
	if o.Phase != corev1.PodRunning || !slices.ContainsFunc(g.tracker.run.all(), mayBeQueued) {
		return
	}
	lines, err := kube.TailLogs(ctx, g.conn.Client, g.ref.Namespace, o.Pod, orchestratorLines)
	if err != nil {
		g.logger.Info("the log of the orchestrator cannot be read", zap.Error(err))
		return
	}
	g.takeQueued(lines)
}

// takeQueued takes over what the orchestrator's log says of steps that are refused.
func (g *glance) takeQueued(lines []string) {
	last := lastChanges(lines)
	for name, s := range g.tracker.named {
		if entry := last[name]; mayBeQueued(*s) && entry.State == string(engine.Queued) && entry.Attempt == s.Attempts {
			s.State, s.Why = entry.State, entry.Why
		}
	}
}

// mayBeQueued tells a step whose next attempt nothing seems to hold back.
func mayBeQueued(s StepRun) bool {
	return s.State == string(engine.Ready) || s.State == string(engine.Retrying)
}

// lastChanges returns what an orchestrator's log says last of each step.
func lastChanges(lines []string) map[string]logEntry {
	last := map[string]logEntry{}
	for _, line := range lines {
		var entry logEntry
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == stepChanged {
			last[entry.Step] = entry
		}
	}
	return last
}
