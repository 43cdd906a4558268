package k8sorchtest

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
)

// Fire does what the CronJob controller does when the time of a schedule has come: it makes the Job of the run, whose id it returns.
// A schedule that is suspended does not fire, and the id is empty. Nothing fires by itself on this cluster.
func (c *Cluster) Fire(schedule string, at time.Time) (run string) {
	c.tb.Helper()
	cron, err := c.own.BatchV1().CronJobs(Namespace).Get(c.tb.Context(), schedule, metav1.GetOptions{})
	if err != nil {
		c.tb.Fatalf("firing schedule %s: %v", schedule, err)
	}
	if cron.Spec.Suspend != nil && *cron.Spec.Suspend {
		return ""
	}
	job, _, err := kube.Fire(c.tb.Context(), c.own, cron, at)
	if err != nil {
		c.tb.Fatalf("firing schedule %s: %v", schedule, err)
	}
	return job.Name
}

// Await waits for the end of a run that a schedule has made, and returns how it ended: Succeeded, Failed, or Stopped where it was
// stopped or deleted. The outcome is empty where ctx ended first.
func (c *Cluster) Await(ctx context.Context, run string) pipeline.Outcome {
	c.tb.Helper()
	end, err := kube.AwaitJob(ctx, c.client, kube.Ref{Namespace: Namespace, Run: run})
	if err != nil {
		return ""
	}
	return end
}
