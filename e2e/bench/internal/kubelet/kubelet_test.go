package kubelet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

func testRun() (kube.Ref, *plan.Plan) {
	return kube.Ref{Namespace: "n", Run: "r", Pipeline: "p", JobUID: "job", PlanUID: "plan"}, &plan.Plan{
		Graph:      graph.Graph{Nodes: []graph.Node{{Name: "load", Kind: graph.Step}}},
		Kubernetes: &plan.Kubernetes{Templates: []corev1.PodTemplateSpec{{}}, StepTemplates: map[string]int{}},
	}
}

// TestPodsLive follows a step's pod, and one of a Job that is no step's, to their ends.
func TestPodsLive(t *testing.T) {
	t.Parallel()
	ref, p := testRun()
	client := fake.NewClientset()
	ended, asked := make(chan int, 2), make(chan *corev1.Pod, 1)
	k := &Kubelet{
		Client: client, Namespace: "n", Plan: p, Takes: atOnce, Ended: func(n int) { ended <- n },
		Orchestrator: func(pod *corev1.Pod) { asked <- pod }, Failed: func(err error) { t.Error(err); ended <- 0; ended <- 0 },
	}
	if err := k.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	step := kube.NewPods(ref, p).Of("load", 1, 0)
	step.UID = "pod"
	job := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "step-3-x7k2p", GenerateName: "step-3-"}}
	orchestrator := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "o", Labels: map[string]string{kube.LabelRole: "orchestrator"}}}
	for _, pod := range []*corev1.Pod{step, job, orchestrator} {
		if _, err := client.CoreV1().Pods("n").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	<-ended
	<-ended
	if got := (<-asked).Name; got != "o" {
		t.Errorf("the orchestrator is pod %s", got)
	}
	for _, name := range []string{step.Name, job.Name} {
		pod, err := client.CoreV1().Pods("n").Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if pod.Status.Phase != corev1.PodSucceeded {
			t.Errorf("pod %s is %s", name, pod.Status.Phase)
		}
		if name == step.Name {
			wantReport(t, pod)
		}
	}
	record, err := client.CoreV1().ConfigMaps("n").Get(t.Context(), kube.ResultName("r", "load"), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]byte{"load.value": []byte("1")}, record.BinaryData); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
}

// wantReport fails the test unless the pod's termination message is what a step leaves that has recorded its result.
func wantReport(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	message := pod.Status.ContainerStatuses[0].State.Terminated.Message
	report, err := attempt.ParseReport([]byte(message), attempt.ID{Run: "r", Step: "load", Attempt: 1, UID: "pod"})
	if err != nil || !report.Recorded {
		t.Errorf("the report is %q: %v", message, err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{UID: "u", Labels: map[string]string{"batch.kubernetes.io/controller-uid": "c"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "other", Env: []corev1.EnvVar{{Name: "O", Value: "1"}}}, {Name: kube.MainContainer, Env: []corev1.EnvVar{
			{Name: "A", Value: "a b"},
			{Name: "UID", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.uid"}}},
			{Name: "JOB", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']"}}},
		}}}},
	}
	if diff := cmp.Diff(map[string]string{"A": "a b", "UID": "u", "JOB": "c"}, Environment(pod)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestStepOf(t *testing.T) {
	t.Parallel()
	for want, pod := range map[string]metav1.ObjectMeta{
		"load":   {Labels: map[string]string{kube.LabelStep: "load"}},
		"step-3": {GenerateName: "step-3-"},
		"":       {Name: "nobody's-pod"},
	} {
		if got := stepOf(&corev1.Pod{ObjectMeta: pod}); got != want {
			t.Errorf("step %q, want %q", got, want)
		}
	}
}

func atOnce(string) time.Duration { return 0 }
