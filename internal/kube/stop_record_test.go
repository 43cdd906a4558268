package kube

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/record"
)

func stopObject(t *testing.T, message string) *corev1.ConfigMap {
	t.Helper()
	cm, err := stopConfigMap(testRef(), record.Stop{Run: "train-7", Message: message})
	if err != nil {
		t.Fatal(err)
	}
	return cm
}

func TestStopRecordGolden(t *testing.T) {
	t.Parallel()
	got, err := YAML(stopObject(t, "the run's deadline of 2h0m0s has passed"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "stop.yaml", got)
}

// seenStops watches a run until its first complete view and returns the stops that are told of.
func seenStops(t *testing.T, client *fake.Clientset) (all []string) {
	t.Helper()
	stops := make(chan string, 10)
	c := NewCluster(client, testRef(), testPlan(), Options{Stopped: func(message string) { stops <- message }})
	if err := c.Watch(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	for len(stops) > 0 {
		all = append(all, <-stops)
	}
	return slices.Compact(all)
}

func TestStopRecordIsSeenFromTheStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*corev1.ConfigMap)
		want   []string
	}{
		"of this run":                    {func(*corev1.ConfigMap) {}, []string{"enough"}},
		"of an earlier one of its name":  {func(cm *corev1.ConfigMap) { cm.OwnerReferences[0].UID, cm.OwnerReferences[1].UID = "x", "y" }, nil},
		"that says it is of another run": {func(cm *corev1.ConfigMap) { cm.Data[record.StopFile] = `{"run":"train-8","message":"enough"}` }, nil},
		"that is none":                   {func(cm *corev1.ConfigMap) { cm.Data[record.StopFile] = "enough" }, nil},
		"under another name":             {func(cm *corev1.ConfigMap) { cm.Name = "halt" }, nil},
		"that does not say why":          {func(cm *corev1.ConfigMap) { cm.Data[record.StopFile] = `{"run":"train-7"}` }, []string{stopRequested}},
		"that has what terminals act on": {func(cm *corev1.ConfigMap) { cm.Data[record.StopFile] = `{"run":"train-7","message":"\u001b[31mno"}` }, []string{"[31mno"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cm := stopObject(t, "enough")
			test.change(cm)
			if diff := cmp.Diff(test.want, seenStops(t, newFakeAPI(cm))); diff != "" {
				t.Errorf("stops (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFirstStopStands(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	for _, message := range []string{"first", "second"} {
		if err := DecideStop(t.Context(), client, testRef(), testPlan(), message, zap.NewNop()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"first"}, seenStops(t, client)); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
}

func TestStopIsRecordedInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newFakeAPI()
		refuseOnce(client, "create", "configmaps", apierrors.NewForbidden(corev1.Resource("configmaps"), "train-7-stop", errors.New("exceeded quota")))
		if err := DecideStop(t.Context(), client, testRef(), testPlan(), "enough", zap.NewNop()); err != nil {
			t.Fatal(err)
		}
		if got := countOf(client, "create", "configmaps"); got != 2 {
			t.Errorf("%d tries, want 2", got)
		}
	})
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	pod := func(name string, after time.Duration) *corev1.Pod {
		return orchestratorPod(name, began.Add(after).Unix(), func(p *corev1.Pod) { p.UID = types.UID("uid-of-" + name) })
	}
	created := func(j *batchv1.Job) { j.CreationTimestamp = metav1.NewTime(began.Add(-time.Hour)) }
	started := func(j *batchv1.Job) { j.Status.StartTime = new(metav1.NewTime(began)) }
	for name, test := range map[string]struct {
		job  *batchv1.Job
		pod  types.UID
		want time.Duration
	}{
		"the first orchestrator":         {submittedJob(created, started), "uid-of-a", time.Second},
		"the one that replaced it":       {submittedJob(created, started), "uid-of-b", 40 * time.Minute},
		"a Job whose start is not known": {submittedJob(created), "uid-of-b", 100 * time.Minute},
		"a Job that was resumed since":   {submittedJob(created, func(j *batchv1.Job) { j.Status.StartTime = new(metav1.NewTime(began.Add(time.Hour))) }), "uid-of-b", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI(test.job, pod("a", time.Second), pod("b", 40*time.Minute))
			got, err := Elapsed(t.Context(), client, testRef(), test.pod)
			if err != nil || got != test.want {
				t.Errorf("Elapsed() = %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestElapsedOfAPodThatIsGone(t *testing.T) {
	t.Parallel()
	_, err := Elapsed(t.Context(), newFakeAPI(submittedJob()), testRef(), "uid-of-a")
	if err == nil || !strings.Contains(err.Error(), "with UID uid-of-a, is not there any more") {
		t.Errorf("error %v, want it to name the pod", err)
	}
}
