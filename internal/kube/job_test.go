package kube

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// testSubmission is of a run that is not on the cluster yet.
func testSubmission() Submission {
	p := testPlan()
	p.Version, p.Fingerprint = plan.Version, p.Graph.Fingerprint()
	return Submission{
		Ref: Ref{Namespace: "team", Run: "train-7", Pipeline: "train"},
		Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			ServiceAccountName: OrchestratorAccount,
			Containers:         []corev1.Container{{Name: MainContainer, Image: "registry.example/train@sha256:0123"}},
		}},
		Plan: p, BackoffLimit: 3,
	}
}

func TestJobGolden(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*Submission){
		"job.yaml": func(*Submission) {},
		"job-settings.yaml": func(s *Submission) {
			s.BackoffLimit = 0
			s.Plan.Kubernetes.Retention = 36*time.Hour + time.Millisecond
			s.Template.Labels = map[string]string{"team": "vision", LabelRun: "mine", LabelStep: "mine", LabelRecord: RecordResult}
			s.Template.Annotations = map[string]string{"example.org/cost-centre": "42"}
			s.Template.Spec.RestartPolicy = corev1.RestartPolicyAlways
			s.Template.Spec.Volumes = []corev1.Volume{{Name: "scratch"}}
			main := &s.Template.Spec.Containers[0]
			main.Args = []string{"run", "--verbose"}
			main.Env = []corev1.EnvVar{{Name: "MODEL", Value: "large"}, {Name: reexec.EnvRun, Value: "mine"}}
			main.VolumeMounts = []corev1.VolumeMount{{Name: "scratch", MountPath: "/scratch"}}
		},
	}
	for file, change := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := testSubmission()
			change(&s)
			got, err := YAML(s.job("sha256:4567"))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, file, got)
		})
	}
}

func TestJobTellsTheRole(t *testing.T) {
	t.Parallel()
	got := roleOf(t, testSubmission().job("sha256:4567").Spec.Template.Spec)
	want := reexec.Role{
		Kind: reexec.Orchestrator, Run: "train-7", Pipeline: "train", Namespace: "team", Job: "train-7",
		Dir: "/var/run/k8sorch", Report: "/dev/termination-log",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("role (-want +got):\n%s", diff)
	}
}

func TestObjectsLeaveTheSubmissionAlone(t *testing.T) {
	t.Parallel()
	s, want := testSubmission(), testSubmission()
	if _, _, err := s.Objects(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("submission changed (-want +got):\n%s", diff)
	}
}

func TestPlanConfigMap(t *testing.T) {
	t.Parallel()
	s := testSubmission()
	job, config, err := s.Objects()
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.Decode(config.BinaryData[plan.FileName])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Plan, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(job.Annotations[annotationPlan], "sha256:") {
		t.Errorf("the Job names its plan as %q", job.Annotations[annotationPlan])
	}
	config.BinaryData[plan.FileName] = []byte("encoded")
	manifest, err := YAML(config)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.yaml", manifest)
}

func TestPlanThatIsTooLarge(t *testing.T) {
	t.Parallel()
	s := testSubmission()
	noise, err := json.Marshal(strings.Join(texts(70_000), ""))
	if err != nil {
		t.Fatal(err)
	}
	s.Plan.Params = map[string]json.RawMessage{"rows": noise}
	if _, _, err := s.Objects(); err == nil || !strings.Contains(err.Error(), "a ConfigMap holds 1048576") {
		t.Errorf("error %v", err)
	}
}

// texts returns random texts, which do not get smaller by compression below 5 bits a letter.
func texts(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = rand.Text()
	}
	return all
}

func TestYAMLHasNothingOfTheServer(t *testing.T) {
	t.Parallel()
	job := testSubmission().job("sha256:4567")
	job.Status = batchv1.JobStatus{Active: 1}
	got, err := YAML(job, &rbacv1.Role{}, job)
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{"\nstatus:", "creationTimestamp", "null"} {
		if strings.Contains(string(got), unwanted) {
			t.Errorf("the manifest has %q:\n%s", unwanted, got)
		}
	}
	if n := strings.Count(string(got), "\n---\napiVersion: batch/v1\nkind: Job\n"); n != 1 {
		t.Errorf("%d more Jobs follow the first one, want 1:\n%s", n, got)
	}
}
