package kube

import (
	"strconv"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// item is what is kept of an object of the run: what it means, and of its metadata what a watch needs. A pod is tens of
// kilobytes otherwise, and a record's value up to 256 KiB; the rest of the metadata alone would be as much again as all this.
type item[T any] struct {
	namespace, name string
	uid             types.UID
	version         string
	// step is the step that the object is of; empty when the object is not the run's.
	step string
	// size is the length of the value that the object carries.
	size int64
	// means is what the object says.
	means T
}

func newItem[T any](namespace string, object metav1.Object) *item[T] {
	return &item[T]{
		namespace: namespace, name: object.GetName(), uid: object.GetUID(), version: object.GetResourceVersion(),
	}
}

// GetObjectMeta implements [metav1.ObjectMetaAccessor]: a reflector asks for the name while it takes in its first view.
func (it *item[T]) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: it.namespace, Name: it.name, UID: it.uid, ResourceVersion: it.version}
}

// recorded is what a record says: one of the two.
type recorded struct {
	result *record.Result
	closed *record.Attempt
}

// readPod makes an item of a pod.
func (c *Cluster) readPod(pod *corev1.Pod) *item[engine.Sighting] {
	it := newItem[engine.Sighting](c.ref.Namespace, pod)
	if id, ok := c.identify(pod); ok {
		it.step, it.means = c.stepName(id.Step), classify(id, pod, c.plan.Kubernetes.FailurePolicies[id.Step])
	}
	return it
}

// stepName returns the plan's own copy of a step's name, so that none is kept with each object.
func (c *Cluster) stepName(step string) string {
	if node, ok := c.makes.nodes[step]; ok {
		return node.Name
	}
	return step
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
	it := newItem[recorded](c.ref.Namespace, cm)
	var err error
	switch cm.Labels[LabelRecord] {
	case RecordResult:
		var result record.Result
		if result, err = readResult(c.ref, cm); err == nil {
			result.Run, result.Step = c.ref.Run, c.stepName(result.Step)
			it.step, it.means.result = result.Step, &result
			it.size = int64(len(cm.BinaryData[record.ValueFile(result.Step)]))
		}
	case RecordAttempt:
		var closed record.Attempt
		if closed, err = readAttempt(c.ref, cm); err == nil {
			closed.Run, closed.Step = c.ref.Run, c.stepName(closed.Step)
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
