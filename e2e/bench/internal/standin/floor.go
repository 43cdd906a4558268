package standin

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// Floor is S1: what the API server allows. It makes the very pods that the run of the plan would have, made ready before
// the first of them is sent, and sends the next the moment it sees the record of the last that it needs: by one bare watch,
// without looking into it.
func Floor(ctx context.Context, r Run, ref kube.Ref, p *plan.Plan) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	pods, maker := make(map[string]*corev1.Pod, len(r.Shape.Steps)), kube.NewPods(ref, p)
	for _, step := range r.Shape.Steps {
		pods[step.Name] = maker.Of(step.Name, 1, 0)
	}
	progress, ready := r.Shape.Start()
	give := each(ctx, fail, workers, func(ctx context.Context, step string) error {
		_, err := r.Client.CoreV1().Pods(r.Namespace).Create(ctx, pods[step], metav1.CreateOptions{})
		return err
	})
	give(ready...)
	seen := ""
	for !progress.Over() {
		var err error
		seen, err = r.watchRecords(ctx, ref, seen, func(cm *corev1.ConfigMap) bool {
			give(progress.End(cm.Labels[kube.LabelStep])...)
			return !progress.Over()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// watchRecords tells of the records that came after the version that was seen last, until it is told that this is enough or the
// API server ends the watch, as it does when a busy machine lets the reader fall behind. It returns the version seen last.
func (r Run) watchRecords(ctx context.Context, ref kube.Ref, seen string, tell func(*corev1.ConfigMap) bool) (string, error) {
	records, err := r.Client.CoreV1().ConfigMaps(r.Namespace).Watch(ctx, metav1.ListOptions{
		LabelSelector:   kube.LabelRun + "=" + ref.Run + "," + kube.LabelRecord + "=" + kube.RecordResult,
		ResourceVersion: seen,
	})
	if err != nil {
		return seen, fmt.Errorf("watching records: %w", err)
	}
	defer records.Stop()
	for {
		select {
		case <-ctx.Done():
			return seen, context.Cause(ctx)
		case event, open := <-records.ResultChan():
			cm, ok := event.Object.(*corev1.ConfigMap)
			switch {
			case !open:
				return seen, nil
			case !ok:
				return seen, fmt.Errorf("watching records: %w", apierrors.FromObject(event.Object))
			}
			seen = cm.ResourceVersion
			if !tell(cm) {
				return seen, nil
			}
		}
	}
}
