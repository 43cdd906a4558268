package kubelet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
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
	asked := make(chan *corev1.Pod, 1)
	client, ended := start(t, &Kubelet{Plan: p, Orchestrator: func(pod *corev1.Pod) { asked <- pod }})
	step := kube.NewPods(ref, p).Of("load", 1, 0)
	step.UID = "pod"
	job := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "step-3-x7k2p", GenerateName: "step-3-"}}
	orchestrator := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "o", Labels: map[string]string{kube.LabelRole: "orchestrator"}}}
	for _, pod := range []*corev1.Pod{step, job, orchestrator} {
		create(t, client, pod)
	}
	<-ended
	<-ended
	if got := (<-asked).Name; got != "o" {
		t.Errorf("the orchestrator is pod %s", got)
	}
	for _, name := range []string{step.Name, job.Name} {
		pod := get(t, client, name)
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

// start starts a kubelet on a cluster of its own, and returns how many steps have ended each time that another has.
func start(t *testing.T, k *Kubelet) (kubernetes.Interface, <-chan int) {
	t.Helper()
	client, ended := fake.NewClientset(), make(chan int, 10)
	k.Client, k.Namespace, k.Ended = client, "n", func(n int) { ended <- n }
	k.Failed = func(err error) { t.Error(err); ended <- -1; ended <- -1 }
	if err := k.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client, ended
}

func create(t *testing.T, client kubernetes.Interface, pod *corev1.Pod) {
	t.Helper()
	if _, err := client.CoreV1().Pods("n").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, client kubernetes.Interface, name string) *corev1.Pod {
	t.Helper()
	pod, err := client.CoreV1().Pods("n").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pod
}

// TestAttemptsFailAsTheShapeSays has two attempts of a step of which the first is to fail.
func TestAttemptsFailAsTheShapeSays(t *testing.T) {
	t.Parallel()
	ref, p := testRun()
	client, ended := start(t, &Kubelet{Plan: p, Steps: map[string]shape.Step{"load": {Fails: 1}}})
	first, second := kube.NewPods(ref, p).Of("load", 1, 0), kube.NewPods(ref, p).Of("load", 2, 0)
	create(t, client, first)
	failed := func() bool { return get(t, client, first.Name).Status.Phase == corev1.PodFailed }
	for !failed() {
		select {
		case n := <-ended:
			t.Fatalf("%d steps have ended", n)
		case <-time.After(time.Millisecond):
		}
	}
	state := get(t, client, first.Name).Status.ContainerStatuses[0].State.Terminated
	report, err := attempt.ParseReport([]byte(state.Message), attempt.ID{Run: "r", Step: "load", Attempt: 1})
	if err != nil || report.End == nil || report.End.Outcome != record.Failed || state.ExitCode != attempt.ExitFailed {
		t.Errorf("exit code %d, the report is %q: %v", state.ExitCode, state.Message, err)
	}
	create(t, client, second)
	if n := <-ended; n != 1 {
		t.Errorf("%d steps have ended, want the one", n)
	}
	if phase := get(t, client, second.Name).Status.Phase; phase != corev1.PodSucceeded {
		t.Errorf("the second attempt is %s", phase)
	}
}

// TestPodsWaitForTheScheduler: the second pod is bound when the first, which comes before it, still is not.
func TestPodsWaitForTheScheduler(t *testing.T) {
	t.Parallel()
	client, ended := start(t, &Kubelet{Scheduled: true})
	bind := func(name string) {
		pod := get(t, client, name)
		pod.Spec.NodeName = "node"
		if _, err := client.CoreV1().Pods("n").Update(t.Context(), pod, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	phases := func() []corev1.PodPhase {
		return []corev1.PodPhase{get(t, client, "first").Status.Phase, get(t, client, "second").Status.Phase}
	}
	create(t, client, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "first"}})
	create(t, client, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "second"}})
	bind("second")
	<-ended
	if diff := cmp.Diff([]corev1.PodPhase{"", corev1.PodSucceeded}, phases()); diff != "" {
		t.Errorf("when the second is bound (-want +got):\n%s", diff)
	}
	bind("first")
	if n := <-ended; n != 2 {
		t.Errorf("%d pods have ended, want 2", n)
	}
	if diff := cmp.Diff([]corev1.PodPhase{corev1.PodSucceeded, corev1.PodSucceeded}, phases()); diff != "" {
		t.Errorf("when both are bound (-want +got):\n%s", diff)
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
