package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/reexec"
)

// Elapsed returns how long the run had been going when the orchestrator's pod with this UID was created. Both times are
// the cluster's, so that the clocks of nodes do not matter.
//
// A run begins when its Job starts, which is when a queue lets it go. A Job that is suspended and resumed starts anew
// (k8s.io/api/batch/v1.JobStatus.StartTime).
func Elapsed(ctx context.Context, client kubernetes.Interface, ref Ref, pod types.UID) (time.Duration, error) {
	doing := "finding out how long run " + ref.Run + " has been going"
	job, err := findJob(ctx, client, ref)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	began := job.CreationTimestamp
	if job.Status.StartTime != nil {
		began = *job.Status.StartTime
	}
	pods, err := listPods(ctx, client, ref, reexec.Orchestrator)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	i := slices.IndexFunc(pods, func(p corev1.Pod) bool { return p.UID == pod })
	if i < 0 {
		return 0, fmt.Errorf("%s: this orchestrator's own pod, with UID %s, is not there any more", doing, pod)
	}
	return max(0, pods[i].CreationTimestamp.Sub(began.Time)), nil
}
