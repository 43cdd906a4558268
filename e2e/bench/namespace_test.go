package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// atRest is a lab with the namespaces of two runs, whose controllers ask for nothing.
func atRest(t *testing.T, steps int) *lab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.log")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	log, err := audit.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	for i := range 2 {
		fmt.Fprintf(file, `{"verb":"get","objectRef":{"name":"mark-%d"},"responseStatus":{"code":404}}`+"\n", i+1)
	}
	namespace := func(name string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	}
	orchestrator := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "a", Name: "o", Labels: map[string]string{kube.LabelRole: string(reexec.Orchestrator)},
	}}
	return &lab{client: fake.NewClientset(namespace("a"), namespace("b"), orchestrator), log: log, used: []string{"a", "b"}, steps: steps}
}

func TestMakeRoom(t *testing.T) {
	t.Parallel()
	for steps, want := range map[int]int{1000: 2, 1001: 0, 10_000: 0} {
		t.Run(fmt.Sprint(steps), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := atRest(t, 7000)
				if err := l.makeRoom(t.Context(), steps); err != nil {
					t.Fatal(err)
				}
				left, err := l.client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				orchestrator, err := l.client.CoreV1().Pods("a").Get(t.Context(), "o", metav1.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if ended := orchestrator.Status.Phase == corev1.PodSucceeded; ended != (want == 0) {
					t.Errorf("the orchestrator's pod has ended: %t", ended)
				}
				if len(left.Items) != want || len(l.used) != want || (l.steps > 0) != (want > 0) {
					t.Errorf("%d namespaces left, %d known, with %d steps; want %d", len(left.Items), len(l.used), l.steps, want)
				}
			})
		})
	}
}
