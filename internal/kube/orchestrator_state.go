package kube

import (
	"cmp"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// JobState is what there is to know of a run's orchestrator Job.
type JobState struct {
	// Exists tells that the Job is there; the rest is empty otherwise.
	Exists bool
	// Deleting tells that the Job, and with it the run, is on its way out.
	Deleting bool
	// Suspended tells that the Job is held back: by a queue, or because it is still being submitted.
	Suspended bool
	// StopReason is why the run was asked to stop, DrainReason why it was asked to drain; empty means that it was not.
	StopReason, DrainReason string
	// Finished is Complete or Failed once the Job's end is certain, which is about a second before the Job controller
	// has cleared up; empty means that it goes on.
	Finished batchv1.JobConditionType
	// Reason and Message say why the Job failed, in the Job controller's words.
	Reason, Message string
	// Orchestrator is the newest of the Job's pods, for those who watch it.
	Orchestrator OrchestratorState
}

// OrchestratorState is what there is to know of an orchestrator's pod.
type OrchestratorState struct {
	// Pod and UID are the pod's; empty means that there is none.
	Pod string
	UID types.UID
	// Phase is the pod's.
	Phase corev1.PodPhase
	// Reason and Message say why the pod does not run yet, or how it ended: then the message is the orchestrator's own.
	Reason, Message string
	// Ended tells that the orchestrator's process is over, which shows some time before the pod's phase does; ExitCode
	// is how it exited.
	Ended    bool
	ExitCode int32
}

// jobState describes a Job, which may be nil.
func jobState(job *batchv1.Job) JobState {
	if job == nil {
		return JobState{}
	}
	s := JobState{Exists: true, Deleting: job.DeletionTimestamp != nil, Suspended: job.Spec.Suspend != nil && *job.Spec.Suspend}
	s.StopReason, s.DrainReason = requested(job, AnnotationStop), requested(job, AnnotationDrain)
	for _, c := range job.Status.Conditions {
		if finished := finish(c); finished != "" {
			s.Finished, s.Reason, s.Message = finished, word(c.Reason, ""), plain(c.Message, maxWaitingMessage)
		}
	}
	return s
}

// requested returns the reason of a request that an annotation of the Job makes; empty when it makes none.
func requested(job *batchv1.Job, annotation string) string {
	reason, asked := job.Annotations[annotation]
	if !asked {
		return ""
	}
	return cmp.Or(plain(reason, maxWaitingMessage), stopRequested)
}

// finish tells what a condition says about the Job's end. The ones that come first decide it already.
func finish(c batchv1.JobCondition) batchv1.JobConditionType {
	if c.Status != corev1.ConditionTrue {
		return ""
	}
	switch c.Type {
	case batchv1.JobFailed, batchv1.JobFailureTarget:
		return batchv1.JobFailed
	case batchv1.JobComplete, batchv1.JobSuccessCriteriaMet:
		return batchv1.JobComplete
	}
	return ""
}

// newest returns the pod that was created last, or nil.
func newest(pods []*corev1.Pod) *corev1.Pod {
	if len(pods) == 0 {
		return nil
	}
	return slices.MaxFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
}

// orchestratorState describes an orchestrator's pod, which may be nil.
func orchestratorState(pod *corev1.Pod) OrchestratorState {
	if pod == nil {
		return OrchestratorState{}
	}
	s := OrchestratorState{Pod: pod.Name, UID: pod.UID, Phase: pod.Status.Phase, Ended: isTerminal(pod)}
	exit := mainStatus(pod).State.Terminated
	switch {
	case exit != nil:
		s.Ended, s.ExitCode = true, exit.ExitCode
		s.Reason, s.Message = word(exit.Reason, ""), plain(exit.Message, maxEndMessage)
	case pod.Status.Phase == corev1.PodPending:
		_, s.Reason, s.Message = waiting(pod)
	default:
		s.Reason, s.Message = word(pod.Status.Reason, ""), plain(pod.Status.Message, maxWaitingMessage)
	}
	return s
}
