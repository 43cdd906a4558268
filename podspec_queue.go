package pipeline

import (
	"fmt"
)

// queueLabel names the queue of Kueue that a pod waits in for its share of a quota
// (https://kueue.sigs.k8s.io/docs/tasks/run/plain_pods/).
const queueLabel = "kueue.x-k8s.io/queue-name"

// sharedQueue says of a step's pod that it waits in the queue of the orchestrator's. An orchestrator holds its share until its
// steps are over: where orchestrators hold all that there is, none of their steps ever gets one. Kueue sees nothing wrong in
// that, and nor does anybody else, since all of them wait.
func (p runPods) sharedQueue(pod finishedPod) []string {
	queue := pod.template.Labels[queueLabel]
	if pod.step == "" || queue == "" || queue != p.orchestrator.template.Labels[queueLabel] {
		return nil
	}
	return []string{fmt.Sprintf("in the queue %q of Kueue, as the orchestrator is: where orchestrators hold the whole quota, "+
		"they wait for ever for their own steps; leave the label %s out of OrchestratorPodSettings, or name a queue of another quota there",
		queue, queueLabel)}
}
