package standin

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// Floor is S1: what the API server allows. It makes the very pods that the run of the plan would have, made ready before
// the first of them is sent, and sends the next the moment it sees the record of the last that it needs: by one bare watch,
// without looking into it. Only where attempts are to fail another watch shows those that have, after which the next pod of the
// step is sent in the same way.
func Floor(ctx context.Context, r Run, ref kube.Ref, p *plan.Plan) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	pods := readyPods(r, kube.NewPods(ref, p))
	progress, ready := r.Shape.Start()
	give := each(ctx, fail, workers, func(ctx context.Context, name string) error {
		_, err := r.Client.CoreV1().Pods(r.Namespace).Create(ctx, pods.named[name], metav1.CreateOptions{})
		return err
	})
	begin := func(steps ...string) {
		for _, step := range steps {
			give(pods.first[step])
		}
	}
	begin(ready...)
	if r.Shape.Retries() {
		go func() {
			if err := r.retry(ctx, ref, pods, give); err != nil {
				fail(err)
			}
		}()
	}
	records := r.Client.CoreV1().ConfigMaps(r.Namespace)
	selector := metav1.ListOptions{LabelSelector: kube.LabelRun + "=" + ref.Run + "," + kube.LabelRecord + "=" + kube.RecordResult}
	return follow(ctx, records, selector, func(record metav1.Object) bool {
		begin(progress.End(record.GetLabels()[kube.LabelStep])...)
		return !progress.Over()
	})
}

// podSet has the pods of all attempts.
type podSet struct {
	named map[string]*corev1.Pod
	// first are the names of the pods of first attempts, by step, and next those of the attempts that come after others.
	first, next map[string]string
}

func readyPods(r Run, maker kube.Pods) podSet {
	pods := podSet{map[string]*corev1.Pod{}, map[string]string{}, map[string]string{}}
	for _, step := range r.Shape.Steps {
		before := ""
		for attempt := 1; attempt <= 1+step.Fails; attempt++ {
			pod := maker.Of(step.Name, attempt, 0)
			pods.named[pod.Name] = pod
			if attempt == 1 {
				pods.first[step.Name] = pod.Name
			} else {
				pods.next[before] = pod.Name
			}
			before = pod.Name
		}
	}
	return pods
}

// retry begins the attempts that come after those that have failed.
func (r Run) retry(ctx context.Context, ref kube.Ref, pods podSet, give func(...string)) error {
	selector := metav1.ListOptions{
		LabelSelector: kube.LabelRun + "=" + ref.Run + "," + kube.LabelStep,
		FieldSelector: fields.OneTermEqualSelector("status.phase", string(corev1.PodFailed)).String(),
	}
	return follow(ctx, r.Client.CoreV1().Pods(r.Namespace), selector, func(pod metav1.Object) bool {
		if next, ok := pods.next[pod.GetName()]; ok {
			give(next)
		}
		return true
	})
}
