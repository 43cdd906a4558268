package k8sorchtest

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// process is what runs in a pod.
type process struct {
	pod *corev1.Pod
	// terminate tells it to end.
	terminate func()
	// taken is what its pod's status says of who took it away; nil while nobody has.
	taken func(*corev1.PodStatus)
	// ended is closed when it has.
	ended chan struct{}
}

// begin takes note of the process of a pod, and returns what is to be called when it has ended.
func (c *Cluster) begin(pod *corev1.Pod, terminate func()) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &process{pod: pod, terminate: terminate, ended: make(chan struct{})}
	c.processes[pod.UID] = p
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.processes, pod.UID)
		close(p.ended)
	}
}

// endOf returns a channel that is closed when nothing runs in the pod of that name.
func (c *Cluster) endOf(pod string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.processes {
		if p.pod.Name == pod {
			return p.ended
		}
	}
	over := make(chan struct{})
	close(over)
	return over
}

func (c *Cluster) stopPod(uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.processes[uid]; ok {
		p.terminate()
	}
}

// takenBy returns what the status of a pod says of who took it away; nil when nobody has.
func (c *Cluster) takenBy(pod *corev1.Pod) func(*corev1.PodStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.processes[pod.UID]; ok {
		return p.taken
	}
	return nil
}

// running returns the processes of the pods that have a label. The caller holds the lock.
func (c *Cluster) running(label, value string) (found []*process) {
	for _, p := range c.processes {
		if p.pod.Labels[label] == value {
			found = append(found, p)
		}
	}
	return found
}

// KillOrchestrator ends the orchestrators that are running as an eviction would: their Jobs start others.
func (c *Cluster) KillOrchestrator() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.running(kube.LabelRole, string(reexec.Orchestrator)) {
		p.terminate()
	}
}
