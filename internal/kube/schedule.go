package kube

import (
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/reexec"
)

// Schedule is what a schedule is made from.
type Schedule struct {
	// Submission is that of each run. The run and the Job of its Ref are the schedule's name, and its plan has no run and no
	// times: a run has those once it begins. The token is the schedule's own.
	Submission Submission
	// Timing says when runs begin. Its JobTemplate is made of the Submission; without Suspend, a schedule that is there stays as it
	// is.
	Timing batchv1.CronJobSpec
}

// MaxScheduleName is the most bytes the name of a CronJob may have: the CronJob controller appends 11 for the name of a Job
// (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/).
const MaxScheduleName = 52

func (s Schedule) name() string { return s.Submission.Ref.JobName() }

// Objects returns the CronJob and the ConfigMap with the plan of its runs.
func (s Schedule) Objects() (*batchv1.CronJob, *corev1.ConfigMap, error) {
	config, digest, err := s.Submission.planConfigMap()
	if err != nil {
		return nil, nil, err
	}
	config.ObjectMeta = s.meta(planNameOf(s.name(), digest))
	config.Labels[LabelRecord] = RecordPlan
	return s.cronJob(digest), config, nil
}

func (s Schedule) cronJob(planDigest string) *batchv1.CronJob {
	cron := &batchv1.CronJob{ObjectMeta: s.meta(s.name()), Spec: *s.Timing.DeepCopy()}
	cron.Spec.JobTemplate = s.jobTemplate(planDigest)
	return cron
}

// planNameOf is the name of the plan of a schedule with this digest. A schedule that changes gets another plan, so that a Job
// made of its earlier template has the plan that belongs to its image.
func planNameOf(schedule, digest string) string {
	_, sum, _ := strings.Cut(digest, ":")
	return schedule + "-" + sum[:min(len(sum), 12)] + "-plan"
}

func (s Schedule) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: s.Submission.Ref.Namespace,
		Labels: s.ofNoRun(s.Submission.Ref.Labels()),
	}
}

// ofNoRun returns labels with the schedule's name in the place of a run's.
func (s Schedule) ofNoRun(labels map[string]string) map[string]string {
	delete(labels, LabelRun)
	labels[LabelSchedule] = s.name()
	return labels
}

// jobTemplate returns the Job that any submit would make, without what names the run: a run of the schedule is called as its Job
// is, and its pod learns that name from the label that the Job controller gives it.
func (s Schedule) jobTemplate(planDigest string) batchv1.JobTemplateSpec {
	job := s.Submission.job(planDigest)
	pod := &job.Spec.Template
	for _, meta := range []*metav1.ObjectMeta{&job.ObjectMeta, &pod.ObjectMeta} {
		meta.Name, meta.Namespace = "", ""
		s.ofNoRun(meta.Labels)
	}
	// The plan is there before the CronJob fires.
	job.Spec.Suspend = nil
	for i, v := range pod.Spec.Volumes {
		if v.Name == RoleVolume {
			pod.Spec.Volumes[i] = roleVolume(planNameOf(s.name(), planDigest))
		}
	}
	main := mainContainer(&pod.Spec)
	role := s.Submission.role()
	role.Run, role.Job, role.Schedule = "", "", s.name()
	main.Env = append(withoutRole(main.Env), roleEnv(role)...)
	main.Env = append(main.Env, labelVar(reexec.EnvRun, labelJobName), labelVar(reexec.EnvJob, labelJobName), labelVar(reexec.EnvJobUID, labelControllerUID))
	return batchv1.JobTemplateSpec{ObjectMeta: job.ObjectMeta, Spec: job.Spec}
}
