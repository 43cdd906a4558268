// Package standin has orchestrators to compare with. Each is as short as what it stands for allows, is told the graph, keeps
// no record of its own, survives nothing, and asks the API server by protobuf and without a client-side limit: what it
// stands for is slower.
package standin

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/e2e/bench/shape"
)

// Run is what a stand-in is to run.
type Run struct {
	Client    kubernetes.Interface
	Namespace string
	Shape     shape.Shape
	// Image is what the Jobs of a stand-in run, with Args.
	Image string
	Args  []string
}

// workers is how many create calls a stand-in has under way at once, where nothing else is said.
const workers = 32

// each has that many workers do something with what comes, and returns the function that gives it to them. An error ends all.
func each(ctx context.Context, fail context.CancelCauseFunc, n int, do func(context.Context, string) error) (give func(...string)) {
	queue := make(chan string, 1<<16)
	for range n {
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case step := <-queue:
					if err := do(ctx, step); err != nil {
						fail(fmt.Errorf("beginning step %s: %w", step, err))
					}
				}
			}
		}()
	}
	return func(steps ...string) {
		for _, step := range steps {
			queue <- step
		}
	}
}

// createJob begins a step as a Job.
func (r Run) createJob(ctx context.Context, step string) error {
	_, err := r.Client.BatchV1().Jobs(r.Namespace).Create(ctx, r.job(step), metav1.CreateOptions{})
	return err
}

func (r Run) job(step string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: step, Labels: map[string]string{labelStep: step}},
		Spec: batchv1.JobSpec{BackoffLimit: new(int32(0)), Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: new(false),
			Containers: []corev1.Container{{Name: "main", Image: r.Image, Args: r.Args}},
		}}},
	}
}

// labelStep marks the Jobs of a stand-in.
const labelStep = "bench-step"

func complete(job *batchv1.Job) bool {
	for _, c := range job.Status.Conditions {
		if c.Type == batchv1.JobComplete && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}
