package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

// describing returns a step that says something of itself and then ends with the error.
func describing(end error) *pipeline.Step[int] {
	return pipeline.Func0("train", func(ctx context.Context) (int, error) {
		pipeline.SetMetadata(ctx, "source", "penguins")
		pipeline.SetMetric(ctx, "accuracy", 0.5)
		pipeline.SetMetric(ctx, "accuracy", 0.9375)
		return 1, end
	})
}

func TestMetadataIsRecordedWithTheAttempt(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]error{"success": nil, "failure": errors.New("no luck")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := pipeline.New("p").Step(describing(end))
				run, _ := k8sorchtest.New(t, p).Run(t.Context(), p)
				checkDescribed(t, run)
			})
		})
	}
}

func checkDescribed(t *testing.T, run *pipeline.Run) {
	t.Helper()
	s, _ := run.Step("train")
	if diff := cmp.Diff(map[string]string{"source": "penguins"}, s.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{"accuracy": 0.9375}, s.Metrics); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// refuseFirstResult refuses the first result record, which the step makes; the second one is the orchestrator's.
func refuseFirstResult(c *k8sorchtest.Cluster) {
	var refused atomic.Bool
	c.Clientset().PrependReactor("create", "configmaps", func(action clienttesting.Action) (bool, runtime.Object, error) {
		made := action.(clienttesting.CreateAction).GetObject().(*corev1.ConfigMap)
		if made.Labels[kube.LabelRecord] != kube.RecordResult || refused.Swap(true) {
			return false, nil, nil
		}
		return true, nil, apierrors.NewForbidden(corev1.Resource("configmaps"), made.Name, errors.New("no"))
	})
}

func TestMetadataTravelsInTheReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(describing(nil))
		c := k8sorchtest.New(t, p)
		refuseFirstResult(c)
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		checkDescribed(t, run)
	})
}

func TestMetadataWithoutRoomInTheReportIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("train", func(ctx context.Context) (string, error) {
			for i := range 32 {
				pipeline.SetMetadata(ctx, fmt.Sprintf("key-%02d", i), strings.Repeat("v", 256))
			}
			return strings.Repeat("value", 400), nil
		}))
		c := k8sorchtest.New(t, p)
		refuseFirstResult(c)
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if s, _ := run.Step("train"); len(s.Metadata)+s.MetadataDropped != 32 || s.MetadataDropped == 0 {
			t.Errorf("%d values are there, %d dropped", len(s.Metadata), s.MetadataDropped)
		}
	})
}

func TestMetadataOutsideOfAStepIsNone(t *testing.T) {
	t.Parallel()
	pipeline.SetMetadata(t.Context(), "key", "value")
	pipeline.SetMetric(t.Context(), "name", 1)
}
