package kube

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// labelControllerUID is where the Job controller puts its Job's UID on the Job's pods, since Kubernetes 1.27.
const labelControllerUID = "batch.kubernetes.io/controller-uid"

// pod returns the template of the orchestrator's pods: the given one, with what makes it the orchestrator of this run.
func (s Submission) pod() corev1.PodTemplateSpec {
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{
		Labels:      s.podLabels(),
		Annotations: overlaid(s.Template.Annotations, s.annotations()),
	}}
	s.Template.Spec.DeepCopyInto(&template.Spec)
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	template.Spec.Volumes = append(template.Spec.Volumes, planVolume(s.Ref))
	main := mainContainer(&template.Spec)
	equip(main, reexec.Role{
		Kind: reexec.Orchestrator, Run: s.Ref.Run, Pipeline: s.Ref.Pipeline,
		Namespace: s.Ref.Namespace, Job: s.Ref.JobName(),
		Dir: stepDir, Report: corev1.TerminationMessagePathDefault,
	})
	main.Env = append(main.Env, fieldVar(reexec.EnvJobUID, "metadata.labels['"+labelControllerUID+"']"))
	// An orchestrator that crashes leaves no message; the end of its log is the next best thing.
	main.TerminationMessagePolicy = corev1.TerminationMessageFallbackToLogsOnError
	return template
}

func (s Submission) podLabels() map[string]string {
	labels := overlaid(s.Template.Labels, s.labels())
	// With one of these, the pod would pass for another of the run's objects.
	for _, other := range []string{LabelStep, LabelAttempt, LabelRecord, LabelCacheKey} {
		delete(labels, other)
	}
	return labels
}

func planVolume(ref Ref) corev1.Volume {
	return corev1.Volume{Name: stepVolume, VolumeSource: corev1.VolumeSource{
		Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{
			ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: ref.PlanName()},
				Items:                []corev1.KeyToPath{{Key: plan.FileName, Path: plan.FileName}},
			},
		}}},
	}}
}

func fieldVar(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}}
}
