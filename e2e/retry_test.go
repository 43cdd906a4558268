package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestAttempts shows what becomes of a step that may fail twice. Where the first attempt hangs, something takes its pod
// away.
func TestAttempts(t *testing.T) {
	t.Parallel()
	failed := pipeline.Failed
	for _, tt := range []struct {
		name string
		ends string
		take func(*testing.T, *env, *corev1.Pod)
		want []pipeline.Outcome
	}{
		{"failed twice", "fail,fail,succeed", nil, []pipeline.Outcome{failed, failed}},
		{"pod deleted", "hang,succeed", deletePod, []pipeline.Outcome{pipeline.Lost}},
		// Three further attempts, with two retries: an eviction is none of the step's failures.
		{"pod evicted", "hang,fail,fail,succeed", evictPod, []pipeline.Outcome{pipeline.Lost, failed, failed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.start(t, command{
				program: built(t, buildScenarios), env: []string{"SCENARIO=attempts"}, args: []string{"--output", "json", "--ends", tt.ends},
			})
			if tt.take != nil {
				tt.take(t, s.env, s.running(t, "try"))
			}
			c.wantExit(t, cli.ExitSucceeded)
			s.wantAttempts(t, "try", tt.want)
			if step, _ := c.document(t).Step("try"); step.Attempts != len(tt.want)+1 {
				t.Errorf("the client tells of %d attempts, want %d", step.Attempts, len(tt.want)+1)
			}
		})
	}
}

// wantAttempts fails the test unless the step has succeeded in its last pod, and each pod before has a record that says
// how it ended.
func (s *scene) wantAttempts(t *testing.T, step string, want []pipeline.Outcome) {
	t.Helper()
	s.catchUp(t)
	pods := s.attempts()[step]
	if len(pods) != len(want)+1 {
		t.Fatalf("there were %d pods, want %d", len(pods), len(want)+1)
	}
	var got []pipeline.Outcome
	for i := range want {
		r := s.closed(t, step, i+1)
		// Nothing is known any more of a pod that is gone before its end was seen.
		if r.UID != pods[i] && r.UID != "" {
			t.Errorf("the record of attempt %d is of pod %s, want %s", i+1, r.UID, pods[i])
		}
		got = append(got, r.Outcome)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes of the attempts before the last (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(pods[len(want):], s.results(t)[step]); diff != "" {
		t.Errorf("pods in which the step has succeeded (-want +got):\n%s", diff)
	}
}

func deletePod(t *testing.T, e *env, pod *corev1.Pod) {
	t.Helper()
	now := metav1.DeleteOptions{GracePeriodSeconds: new(int64(0))}
	if err := e.client.CoreV1().Pods(e.namespace).Delete(t.Context(), pod.Name, now); err != nil {
		t.Fatal(err)
	}
}

func evictPod(t *testing.T, e *env, pod *corev1.Pod) {
	t.Helper()
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: e.namespace}}
	if err := e.client.CoreV1().Pods(e.namespace).EvictV1(t.Context(), eviction); err != nil {
		t.Fatal(err)
	}
}
