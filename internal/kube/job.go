package kube

import (
	"math"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// Exit codes of an orchestrator. With any other than these and 0, the Job starts another one, which goes on where the
// last one was, as often as its backoff limit allows.
const (
	// ExitError is for an error that another orchestrator may not meet.
	ExitError = 1
	// ExitRunFailed is for a run that has ended and did not succeed.
	ExitRunFailed = 10
	// ExitPermanent is for an error that every other orchestrator would meet as well.
	ExitPermanent = 11
	// ExitRunStopped is for a run that was stopped: the Job itself tells it from one that failed.
	ExitRunStopped = 12
)

// annotationPlan on the orchestrator Job is the digest of the plan it was made for. It tells a submit that is repeated
// after a lost answer from another run of the same name.
const annotationPlan = "k8sorch.io/plan"

// Submission is what a run is made from.
type Submission struct {
	// Ref names the run; its UIDs are not known yet.
	Ref Ref
	// Plan is one for Kubernetes.
	Plan *plan.Plan
	// Template is the orchestrator's pod: settings merged, image and arguments set, nothing of a run in it.
	Template corev1.PodTemplateSpec
	// BackoffLimit is how often the Job may replace an orchestrator that failed. Evictions do not count.
	BackoffLimit int32
	// Token is what the steps get from a Secret; nil for nothing.
	Token *Token
	// Earlier is the generation of the run that this one retries; nil for a new run.
	Earlier *Generation
	// Notice is told what the user should know of the submit; it may be nil.
	Notice func(text string)
}

// Objects returns the orchestrator Job, suspended, and the plan's ConfigMap.
func (s Submission) Objects() (*batchv1.Job, *corev1.ConfigMap, error) {
	config, digest, err := s.planConfigMap()
	if err != nil {
		return nil, nil, err
	}
	return s.job(digest), config, nil
}

func (s Submission) job(planDigest string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Name: s.Ref.JobName(), Namespace: s.Ref.Namespace, Labels: s.labels(),
			Annotations: map[string]string{annotationPlan: planDigest},
		},
		Spec: batchv1.JobSpec{
			// Nothing runs before the plan is there.
			Suspend:      new(true),
			BackoffLimit: new(s.BackoffLimit),
			// An orchestrator that is about to go is still one.
			PodReplacementPolicy:    new(batchv1.Failed),
			PodFailurePolicy:        failurePolicy(),
			TTLSecondsAfterFinished: seconds(s.Plan.Kubernetes.Retention),
			Template:                s.pod(),
		},
	}
}

func (s Submission) labels() map[string]string {
	return overlaid(s.Ref.Labels(), map[string]string{LabelRole: string(reexec.Orchestrator)})
}

// failurePolicy judges the end of an orchestrator's pod; the first rule that fits counts. Evictions come first, because a
// container that is evicted exits with a code of its own as well.
func failurePolicy() *batchv1.PodFailurePolicy {
	return &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{
		{
			Action: batchv1.PodFailurePolicyActionIgnore,
			OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{
				{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue},
			},
		},
		{
			Action: batchv1.PodFailurePolicyActionFailJob,
			OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
				ContainerName: new(MainContainer),
				Operator:      batchv1.PodFailurePolicyOnExitCodesOpIn,
				Values:        []int32{ExitRunFailed, ExitPermanent, ExitRunStopped},
			},
		},
	}}
}

// seconds returns a duration in whole seconds, rounded up, and nil for none.
func seconds(d time.Duration) *int32 {
	if d <= 0 {
		return nil
	}
	return new(int32(min(math.Ceil(d.Seconds()), math.MaxInt32)))
}
