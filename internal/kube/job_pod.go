package kube

import (
	"maps"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/reexec"
)

// What the Job controller puts on a Job's pods: the UID and the name of the Job (both since Kubernetes 1.27).
const (
	labelControllerUID = batchv1.ControllerUidLabel
	labelJobName       = batchv1.JobNameLabel
)

// pod returns the template of the orchestrator's pods: the given one, with what makes it the orchestrator of this run.
func (s Submission) pod() corev1.PodTemplateSpec {
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{
		Labels:      s.podLabels(),
		Annotations: maps.Clone(s.Template.Annotations),
	}}
	s.Template.Spec.DeepCopyInto(&template.Spec)
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	mount(&template.Spec, roleVolume(s.Ref.PlanName()))
	main := mainContainer(&template.Spec)
	equip(main, s.role())
	main.Env = append(main.Env, labelVar(reexec.EnvJobUID, labelControllerUID))
	// An orchestrator that crashes leaves no message; the end of its log is the next best thing.
	main.TerminationMessagePolicy = corev1.TerminationMessageFallbackToLogsOnError
	return template
}

// role is what the orchestrator is told before its Job is there.
func (s Submission) role() reexec.Role {
	return reexec.Role{
		Kind: reexec.Orchestrator, Run: s.Ref.Run, Pipeline: s.Ref.Pipeline, Namespace: s.Ref.Namespace, Job: s.Ref.JobName(),
		Dir: reexec.PodDir, Report: reexec.PodReport,
	}
}

func (s Submission) podLabels() map[string]string {
	labels := overlaid(s.Template.Labels, s.labels())
	// With one of these, the pod would pass for another of the run's objects.
	for _, other := range []string{LabelStep, LabelAttempt, LabelRecord, LabelCacheKey, LabelSchedule} {
		delete(labels, other)
	}
	return labels
}

// labelVar returns a variable whose value is a label of the pod.
func labelVar(name, label string) corev1.EnvVar {
	path := "metadata.labels['" + label + "']"
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}}
}
