package standin

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
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
	pods := make(map[string]*corev1.Pod, len(r.Shape.Steps))
	for _, step := range r.Shape.Steps {
		pods[step.Name] = kube.PodFor(ref, p, step.Name, 1, 0)
	}
	records, err := r.Client.CoreV1().ConfigMaps(r.Namespace).Watch(ctx, metav1.ListOptions{
		LabelSelector: kube.LabelRun + "=" + ref.Run + "," + kube.LabelRecord + "=" + kube.RecordResult,
	})
	if err != nil {
		return fmt.Errorf("watching records: %w", err)
	}
	defer records.Stop()
	progress, ready := r.Shape.Start()
	give := each(ctx, fail, workers, func(ctx context.Context, step string) error {
		_, err := r.Client.CoreV1().Pods(r.Namespace).Create(ctx, pods[step], metav1.CreateOptions{})
		return err
	})
	for give(ready...); !progress.Over(); {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case event, open := <-records.ResultChan():
			cm, ok := event.Object.(*corev1.ConfigMap)
			if !open || !ok {
				return errors.New("the watch has ended")
			}
			give(progress.End(cm.Labels[kube.LabelStep])...)
		}
	}
	return nil
}
