package kube

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/record"
)

func runEnd(outcome record.Outcome) record.RunEnd {
	return record.RunEnd{
		Run: "train-7", Pipeline: "train", Outcome: outcome, Steps: []record.StepEnd{
			{Name: "train", Outcome: record.Failed, Reason: "Error", Message: "no rows"}, {Name: "load", Outcome: record.Succeeded},
		},
	}
}

func endObject(t *testing.T) *corev1.ConfigMap {
	t.Helper()
	cm, err := recordConfigMap(testRef(), "train-7-end", RecordEnd, record.EndFile, runEnd(record.Failed))
	if err != nil {
		t.Fatal(err)
	}
	return cm
}

func TestEndRecordGolden(t *testing.T) {
	t.Parallel()
	got, err := YAML(endObject(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "end.yaml", got)
}

// TestEndIsDecidedSoonAfterAnOutage has the API server refuse for a minute.
func TestEndIsDecidedSoonAfterAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, back := newFakeAPI(), time.Now().Add(time.Minute)
		client.PrependReactor("create", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
			return time.Now().Before(back), nil, apierrors.NewServiceUnavailable("etcd is away")
		})
		if _, err := DecideEnd(t.Context(), client, testRef(), testPlan(), runEnd(record.Failed), zap.NewNop()); err != nil {
			t.Fatal(err)
		}
		if late := time.Since(back); late > 5*time.Second {
			t.Errorf("it was recorded %s after the outage", late)
		}
	})
}

func TestFirstEndStands(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	for _, outcome := range []record.Outcome{record.Failed, record.Succeeded} {
		got, err := DecideEnd(t.Context(), client, testRef(), testPlan(), runEnd(outcome), zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(runEnd(record.Failed), got); diff != "" {
			t.Errorf("the end that stands (-want +got):\n%s", diff)
		}
	}
	found, err := FindEnd(t.Context(), client, testRef())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(new(runEnd(record.Failed)), found); diff != "" {
		t.Errorf("the end that is found (-want +got):\n%s", diff)
	}
}

func TestEndIsRecordedInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newFakeAPI()
		refuseOnce(client, "create", "configmaps", apierrors.NewForbidden(corev1.Resource("configmaps"), "train-7-end", errors.New("exceeded quota")))
		if _, err := DecideEnd(t.Context(), client, testRef(), testPlan(), runEnd(record.Stopped), zap.NewNop()); err != nil {
			t.Fatal(err)
		}
		if got := countOf(client, "create", "configmaps"); got != 2 {
			t.Errorf("%d tries, want 2", got)
		}
	})
}

func TestFindEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*corev1.ConfigMap)
		want   string
	}{
		"of this run": {func(*corev1.ConfigMap) {}, ""},
		"of an earlier one of its name": {func(cm *corev1.ConfigMap) { cm.OwnerReferences[0].UID, cm.OwnerReferences[1].UID = "x", "y" },
			`it is not a record of this run (run="train-7", k8sorch.io/record="end")`},
		"that says it is of another run": {func(cm *corev1.ConfigMap) { cm.Data[record.EndFile] = `{"run":"train-8","outcome":"Failed"}` },
			`it is of run "train-8"`},
		"that says nothing": {func(cm *corev1.ConfigMap) { cm.Data[record.EndFile] = `{"run":"train-7"}` },
			`it says that the run ended as ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cm := endObject(t)
			test.change(cm)
			got, err := FindEnd(t.Context(), newFakeAPI(cm), testRef())
			if test.want == "" {
				if err != nil || got == nil || got.Outcome != record.Failed {
					t.Errorf("FindEnd() = %+v, %v, want the end", got, err)
				}
				return
			}
			want := "reading how run train-7 ended: reading ConfigMap train-7-end, which stands where a record belongs: " + test.want + ": delete it"
			if err == nil || err.Error() != want {
				t.Errorf("FindEnd() = %v, want %s", err, want)
			}
		})
	}
}

func TestFindEndOfARunThatGoesOn(t *testing.T) {
	t.Parallel()
	if end, err := FindEnd(t.Context(), newFakeAPI(), testRef()); end != nil || err != nil {
		t.Errorf("FindEnd() = %+v, %v, want none", end, err)
	}
}

func TestAwaitEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		then func(t *testing.T, client *fake.Clientset, gone chan struct{}, cancel context.CancelCauseFunc)
		want error
	}{
		"comes": {func(t *testing.T, client *fake.Clientset, _ chan struct{}, _ context.CancelCauseFunc) {
			if _, err := DecideEnd(t.Context(), client, testRef(), testPlan(), runEnd(record.Failed), zap.NewNop()); err != nil {
				t.Error(err)
			}
		}, nil},
		"the run goes": {func(_ *testing.T, _ *fake.Clientset, gone chan struct{}, _ context.CancelCauseFunc) { close(gone) }, engine.ErrRunGone},
		"nobody waits any more": {func(_ *testing.T, _ *fake.Clientset, _ chan struct{}, cancel context.CancelCauseFunc) {
			cancel(errTired)
		}, errTired},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, gone := newFakeAPI(), make(chan struct{})
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				go func() {
					synctest.Wait()
					test.then(t, client, gone, cancel)
				}()
				end, err := AwaitEnd(ctx, client, testRef(), gone)
				if !errors.Is(err, test.want) || (err == nil) != (end.Outcome == record.Failed) {
					t.Errorf("AwaitEnd() = %+v, %v, want %v", end, err, test.want)
				}
			})
		})
	}
}

var errTired = errors.New("tired")

func TestPodOfAHookHasTheEnd(t *testing.T) {
	t.Parallel()
	p := testPlan()
	p.Graph.Nodes = append(p.Graph.Nodes, graph.Node{Name: "alarm", Kind: graph.Step, Hook: graph.OnFailure})
	p.Kubernetes.StepTemplates["alarm"] = 0
	for step, want := range map[string][]string{"load": {"train-7-plan"}, "alarm": {"train-7-plan", "train-7-end"}} {
		var got []string
		for _, v := range NewPods(testRef(), p).Of(step, 1, 0).Spec.Volumes {
			for _, source := range v.Projected.Sources {
				got = append(got, source.ConfigMap.Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pod of %q has %q, want %q", step, got, want)
		}
	}
}
