package e2e

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestSmoke shows that the cluster does what every other test takes for granted: it pulls an image just pushed, runs it
// in a Job, lets it reach the API server, and hands out the logs.
func TestSmoke(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	image := e.pushProgram(t, buildProgram(t, "./testdata/hello"))

	jobs := e.client.BatchV1().Jobs(e.namespace)
	job, err := jobs.Create(t.Context(), jobOf("hello", image), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	job = waitFor(t, jobs, job.Name, func(job *batchv1.Job) bool {
		return hasCondition(job, batchv1.JobComplete) || hasCondition(job, batchv1.JobFailed)
	})
	if !hasCondition(job, batchv1.JobComplete) {
		t.Fatalf("the job failed: %+v", job.Status.Conditions)
	}

	pods, err := e.client.CoreV1().Pods(e.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" + job.Name})
	if err != nil {
		t.Fatal(err)
	}
	if len(pods.Items) != 1 {
		t.Fatalf("got %d pods, want 1", len(pods.Items))
	}
	got, err := e.logs(t.Context(), pods.Items[0].Name, "main")
	if err != nil {
		t.Fatal(err)
	}
	version, err := e.client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	want := "hello from Kubernetes " + version.GitVersion + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("logs (-want +got):\n%s", diff)
	}
}

func hasCondition(job *batchv1.Job, kind batchv1.JobConditionType) bool {
	return slices.ContainsFunc(job.Status.Conditions, func(c batchv1.JobCondition) bool {
		return c.Type == kind && c.Status == corev1.ConditionTrue
	})
}

// jobOf is a Job of one pod that runs the image once and passes Pod Security "restricted".
func jobOf(name, image string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: batchv1.JobSpec{
			BackoffLimit: new(int32(0)),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy:   corev1.RestartPolicyNever,
				SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: new(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
				Containers: []corev1.Container{{
					Name:  "main",
					Image: image,
					SecurityContext: &corev1.SecurityContext{
						AllowPrivilegeEscalation: new(false),
						Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
					},
				}},
			}},
		},
	}
}
