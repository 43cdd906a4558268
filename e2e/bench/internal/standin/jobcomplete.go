package standin

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// JobComplete is S2: a Job per step, and the next is made as soon as an informer shows the condition Complete of those that
// it needs.
func JobComplete(ctx context.Context, r Run) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	progress, ready := r.Shape.Start()
	ended := make(chan string, 1<<16)
	see := func(object any) {
		if job := object.(*batchv1.Job); complete(job) {
			ended <- job.Name
		}
	}
	factory := informers.NewSharedInformerFactoryWithOptions(r.Client, 0, informers.WithNamespace(r.Namespace),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = labelStep }))
	informer := factory.Batch().V1().Jobs().Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: see, UpdateFunc: func(_, now any) { see(now) }})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	give := each(ctx, fail, workers, r.createJob)
	for give(ready...); !progress.Over(); {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case step := <-ended:
			give(progress.End(step)...)
		}
	}
	return nil
}
