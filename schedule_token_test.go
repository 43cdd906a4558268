package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestTokenOfAScheduleOutlivesItsRuns(t *testing.T) {
	t.Parallel()
	var got []string
	read := pipeline.Func0("read", func(ctx context.Context) (int, error) {
		token, _ := pipeline.Token(ctx)
		got = append(got, token)
		return 0, nil
	})
	p := pipeline.New("train").Step(read)
	c := k8sorchtest.New(t, p)
	given := "first"
	var notices []string
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Token: func(context.Context) (string, error) { return given, nil },
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}, pipeline.WithClientset(c.Clientset()), pipeline.WithEvents(func(e pipeline.Event) { notices = append(notices, e.Message) }))
	for i, token := range []string{"first", "second"} {
		given = token
		if _, err := o.Schedule(c.Context(t.Context()), p, pipeline.Schedule{Cron: "@daily"}); err != nil {
			t.Fatal(err)
		}
		for day := range 2 {
			if end := c.Await(t.Context(), c.Fire("train", sixOClock.Add(time.Duration(2*i+day)*24*time.Hour))); end != pipeline.Succeeded {
				t.Errorf("the run ended as %q", end)
			}
		}
	}
	if diff := cmp.Diff([]string{"first", "first", "second", "second"}, got); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	secret, err := c.Clientset().CoreV1().Secrets(k8sorchtest.Namespace).Get(t.Context(), "train-token", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if owners := secret.OwnerReferences; len(owners) != 1 || owners[0].Kind != "CronJob" {
		t.Errorf("owners of the Secret %+v, want the CronJob", owners)
	}
	if said := strings.Join(notices, "\n"); !strings.Contains(said, "until the schedule is deleted, and has to last as long") {
		t.Errorf("notices:\n%s", said)
	}
}

func TestSecretOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	theirs := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "train-token"}, Data: map[string][]byte{"token": []byte("theirs")}}
	secrets := s.Clientset().CoreV1().Secrets(k8sorchtest.Namespace)
	if _, err := secrets.Create(t.Context(), theirs, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Token: giveCanary,
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}, pipeline.WithClientset(s.Clientset()))
	if _, err := o.Schedule(s.Context(t.Context()), s.pipeline, pipeline.Schedule{Cron: "@daily"}); err == nil {
		t.Error("a Secret of this name is no obstacle")
	}
	is, err := secrets.Get(t.Context(), "train-token", metav1.GetOptions{})
	if err != nil || string(is.Data["token"]) != "theirs" {
		t.Errorf("the Secret is %q, %v", is.Data, err)
	}
	if _, err := s.Orchestrator().FindSchedule(t.Context(), "train"); !errors.Is(err, pipeline.ErrNoSchedule) {
		t.Errorf("error %v, want %v: what was made of the schedule has to go", err, pipeline.ErrNoSchedule)
	}
}
