package e2e

import (
	"encoding/json"
	"fmt"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	pipeline "github.com/org/k8sorch"
)

// The names that users find a run's objects by.
const (
	labelRun        = "run"
	labelPipeline   = "pipeline"
	labelStep       = "step"
	labelManagedBy  = "app.kubernetes.io/managed-by"
	labelAttempt    = "k8sorch.io/attempt"
	labelRecord     = "k8sorch.io/record"
	labelRole       = "k8sorch.io/role"
	annotationStop  = "k8sorch.io/stop"
	annotationDrain = "k8sorch.io/drain"
)

// scene is a namespace in which everything is noted that happens to what runs are made of.
type scene struct {
	*env
	jobs    *trail[*batchv1.Job]
	pods    *trail[*corev1.Pod]
	records *trail[*corev1.ConfigMap]
}

func newScene(t *testing.T) *scene {
	t.Helper()
	e := newEnv(t)
	core := e.client.CoreV1()
	return &scene{
		env:     e,
		jobs:    follow[*batchv1.Job](t, e.client.BatchV1().Jobs(e.namespace)),
		pods:    follow[*corev1.Pod](t, core.Pods(e.namespace)),
		records: follow[*corev1.ConfigMap](t, core.ConfigMaps(e.namespace)),
	}
}

// catchUp waits until everything is noted that has happened so far.
func (s *scene) catchUp(t *testing.T) {
	t.Helper()
	s.jobs.catchUp(t)
	s.pods.catchUp(t)
	s.records.catchUp(t)
}

// job waits for the first run's Job.
func (s *scene) job(t *testing.T) *batchv1.Job {
	t.Helper()
	return s.jobs.first(t, "there is a run", func(c change[*batchv1.Job]) bool {
		return c.object.Labels[labelManagedBy] == "k8sorch"
	}).object
}

// running waits until the step's function runs, in any attempt.
func (s *scene) running(t *testing.T, step string) *corev1.Pod {
	t.Helper()
	return s.attempt(t, step, 1)
}

// attempt waits until an attempt of a step runs.
func (s *scene) attempt(t *testing.T, step string, number int) *corev1.Pod {
	t.Helper()
	return s.pods.first(t, fmt.Sprintf("attempt %d of step %s runs", number, step), func(c change[*corev1.Pod]) bool {
		return isStep(step)(c.object) && c.object.Labels[labelAttempt] == fmt.Sprint(number) && c.object.Status.Phase == corev1.PodRunning
	}).object
}

// succeeded waits until the step's result is recorded.
func (s *scene) succeeded(t *testing.T, step string) {
	t.Helper()
	s.records.first(t, "step "+step+" has succeeded", func(c change[*corev1.ConfigMap]) bool {
		return isRecord("result")(c.object) && c.object.Labels[labelStep] == step
	})
}

// closed waits for the record of an attempt that did not succeed.
func (s *scene) closed(t *testing.T, step string, number int) attemptRecord {
	t.Helper()
	found := s.records.first(t, fmt.Sprintf("attempt %d of step %s is over", number, step), func(c change[*corev1.ConfigMap]) bool {
		return isRecord("attempt")(c.object) && c.object.Labels[labelStep] == step && attemptOf(t, c.object).Attempt == number
	})
	return attemptOf(t, found.object)
}

// attemptRecord is what is recorded of an attempt that did not succeed.
type attemptRecord struct {
	Attempt int              `json:"attempt"`
	UID     types.UID        `json:"uid"`
	Outcome pipeline.Outcome `json:"outcome"`
	Reason  string           `json:"reason"`
	Message string           `json:"message"`
}

func attemptOf(t *testing.T, cm *corev1.ConfigMap) attemptRecord {
	t.Helper()
	var r attemptRecord
	for key, text := range cm.Data {
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("reading %s of ConfigMap %s: %v", key, cm.Name, err)
		}
	}
	return r
}

// results returns the UIDs of the pods in which each step has succeeded, as recorded.
func (s *scene) results(t *testing.T) map[string][]types.UID {
	t.Helper()
	results := map[string][]types.UID{}
	for _, cm := range s.records.last(isRecord("result")) {
		var r struct{ UID types.UID }
		step := cm.Labels[labelStep]
		if err := json.Unmarshal([]byte(cm.Data[step+".result.json"]), &r); err != nil {
			t.Fatalf("reading ConfigMap %s: %v", cm.Name, err)
		}
		results[step] = append(results[step], r.UID)
	}
	return results
}

// attempts returns the UIDs of each step's pods, in the order of their creation.
func (s *scene) attempts() map[string][]types.UID {
	attempts := map[string][]types.UID{}
	for _, c := range s.pods.all() {
		if step := c.object.Labels[labelStep]; isAnyStep(c.object) && c.kind == watch.Added {
			attempts[step] = append(attempts[step], c.object.UID)
		}
	}
	return attempts
}

// gone returns the UIDs of the pods that are gone.
func (s *scene) gone() []types.UID {
	var gone []types.UID
	for _, c := range s.pods.all() {
		if c.kind == watch.Deleted {
			gone = append(gone, c.object.UID)
		}
	}
	return gone
}

// requestStop asks the run to stop as the client says how.
func (s *scene) requestStop(t *testing.T, job, reason string) {
	t.Helper()
	s.annotate(t, job, annotationStop, reason)
}

// requestDrain asks the run to drain as the client says how.
func (s *scene) requestDrain(t *testing.T, job, reason string) {
	t.Helper()
	s.annotate(t, job, annotationDrain, reason)
}

// annotate gives a Job an annotation.
func (s *scene) annotate(t *testing.T, job, name, value string) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, name, value)
	if _, err := s.client.BatchV1().Jobs(s.namespace).Patch(t.Context(), job, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// open opens a gate that steps of the scenarios wait at.
func (s *scene) open(t *testing.T, gate string) {
	t.Helper()
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "gate-" + gate}}
	if _, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(t.Context(), cm, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func isStep(step string) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool { return pod.Labels[labelStep] == step }
}

func isAnyStep(pod *corev1.Pod) bool { return pod.Labels[labelStep] != "" }

func isOrchestrator(pod *corev1.Pod) bool { return pod.Labels[labelRole] == "orchestrator" }

func isRecord(kind string) func(*corev1.ConfigMap) bool {
	return func(cm *corev1.ConfigMap) bool { return cm.Labels[labelRecord] == kind }
}

// isOver tells that no container of a pod runs any more.
func isOver(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// isFinished tells that a Job has ended, well or not.
func isFinished(job *batchv1.Job) bool {
	return hasCondition(job, batchv1.JobComplete) || hasCondition(job, batchv1.JobFailed)
}
