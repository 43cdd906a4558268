package kube

import (
	"strconv"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// item is what is kept of an object of the run: what it means, and of its metadata what a watch needs. A pod is tens of
// kilobytes otherwise, and a record's value up to 256 KiB.
type item[T any] struct {
	metav1.ObjectMeta
	// step is the step that the object is of; empty when the object is not the run's.
	step string
	// size is the length of the value that the object carries.
	size int64
	// means is what the object says.
	means T
}

func newItem[T any](object metav1.Object) *item[T] {
	return &item[T]{ObjectMeta: metav1.ObjectMeta{
		Namespace: object.GetNamespace(), Name: object.GetName(), UID: object.GetUID(), ResourceVersion: object.GetResourceVersion(),
	}}
}

// recorded is what a record says: one of the two.
type recorded struct {
	result *record.Result
	closed *record.Attempt
}

// readPod makes an item of a pod.
func (c *Cluster) readPod(pod *corev1.Pod) *item[engine.Sighting] {
	it := newItem[engine.Sighting](pod)
	if id, ok := c.identify(pod); ok {
		it.step, it.means = id.Step, classify(id, pod, c.plan.Kubernetes.FailurePolicies[id.Step])
	}
	return it
}

// identify tells which attempt a pod is of. Labels alone prove nothing: `kubectl run` sets the label run too.
func (c *Cluster) identify(pod *corev1.Pod) (attempt.ID, bool) {
	number, err := strconv.Atoi(pod.Labels[LabelAttempt])
	id := attempt.ID{Run: pod.Labels[LabelRun], Step: pod.Labels[LabelStep], Attempt: number, UID: string(pod.UID)}
	ok := err == nil && id.Run == c.ref.Run && c.ref.owns(pod) &&
		pod.Name == PodName(c.plan.Kubernetes.PodNamePrefix, id.Run, id.Step, id.Attempt)
	return id, ok
}

// readRecord makes an item of a record's ConfigMap.
func (c *Cluster) readRecord(cm *corev1.ConfigMap) *item[recorded] {
	it := newItem[recorded](cm)
	var err error
	switch cm.Labels[LabelRecord] {
	case RecordResult:
		var result record.Result
		if result, err = readResult(c.ref, cm); err == nil {
			it.step, it.means.result = result.Step, &result
			it.size = int64(len(cm.BinaryData[record.ValueFile(result.Step)]))
		}
	case RecordAttempt:
		var closed record.Attempt
		if closed, err = readAttempt(c.ref, cm); err == nil {
			it.step, it.means.closed = closed.Step, &closed
		}
	case RecordStop:
		// It is of no step, so that no view has it: it is passed on at once.
		var stop record.Stop
		if stop, err = readStop(c.ref, cm); err == nil {
			c.stopped(stop.Message)
		}
	}
	if err != nil {
		c.logger.Warn("ignoring what is not a record of this run", zap.String("configmap", cm.Name), zap.Error(err))
	}
	return it
}
