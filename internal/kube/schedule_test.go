package kube

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/reexec"
)

// testSchedule is of the test's run, made nightly.
func testSchedule(change ...func(*Submission)) Schedule {
	s := testSubmission()
	s.Ref.Run = "train-nightly"
	s.Plan.Run, s.Plan.Schedule = "", "train-nightly"
	for _, f := range change {
		f(&s)
	}
	return Schedule{Submission: s, Timing: batchv1.CronJobSpec{
		Schedule: "30 2 * * *", TimeZone: new("Europe/Zurich"), ConcurrencyPolicy: batchv1.ForbidConcurrent,
		StartingDeadlineSeconds: new(int64(3600)), SuccessfulJobsHistoryLimit: new(int32(3)), FailedJobsHistoryLimit: new(int32(1)),
	}}
}

func withImage(image string) func(*Submission) {
	return func(s *Submission) {
		s.Template.Spec.Containers[0].Image = image
		s.Plan.Kubernetes.Templates[0].Spec.Containers[0].Image = image
	}
}

func withToken(value string) func(*Submission) {
	return func(s *Submission) { s.Token = &Token{Value: value, Deleter: OrchestratorAccount} }
}

func apply(t *testing.T, client kubernetes.Interface, s Schedule) *batchv1.CronJob {
	t.Helper()
	cron, err := s.Apply(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return cron
}

func TestScheduleGolden(t *testing.T) {
	t.Parallel()
	s := testSchedule(func(s *Submission) { s.Plan.Kubernetes.Retention = time.Hour })
	manifest, err := YAML(s.cronJob("sha256:0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schedule.yaml", manifest)
}

func TestPlanOfAScheduleIsNamedForItsContent(t *testing.T) {
	t.Parallel()
	_, one, err1 := testSchedule().Objects()
	_, same, err2 := testSchedule().Objects()
	_, other, err3 := testSchedule(withImage("new")).Objects()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if one.Name != same.Name || one.Name == other.Name {
		t.Errorf("plans %s and %s of the same schedule, %s of one that has changed", one.Name, same.Name, other.Name)
	}
	want := map[string]string{LabelManagedBy: ManagedBy, LabelPipeline: "train", LabelSchedule: "train-nightly", LabelRecord: RecordPlan}
	if diff := cmp.Diff(want, one.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// TestFiringsAreLikeSubmittedRuns compares the Job of a firing with that of a submit: only what names the run may differ.
func TestFiringsAreLikeSubmittedRuns(t *testing.T) {
	t.Parallel()
	s := testSchedule(func(s *Submission) { s.Plan.Kubernetes.Retention = time.Hour })
	cron, _, err := s.Objects()
	if err != nil {
		t.Fatal(err)
	}
	want, got := s.Submission.job("").Spec, cron.Spec.JobTemplate.Spec
	want.Suspend = nil
	want.Template, got.Template = corev1.PodTemplateSpec{}, corev1.PodTemplateSpec{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spec of the Job (-submitted +fired):\n%s", diff)
	}
}

// TestFiringTellsTheRole reads the role as the pod of a firing finds it.
func TestFiringTellsTheRole(t *testing.T) {
	t.Parallel()
	cron, _, err := testSchedule().Objects()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"batch.kubernetes.io/job-name": "train-nightly-7", "batch.kubernetes.io/controller-uid": "job-uid"}
	env := map[string]string{}
	for _, v := range cron.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Env {
		env[v.Name] = v.Value
		if v.ValueFrom != nil {
			label, _ := strings.CutPrefix(v.ValueFrom.FieldRef.FieldPath, "metadata.labels['")
			env[v.Name] = labels[strings.TrimSuffix(label, "']")]
		}
	}
	got, err := reexec.Parse(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	want := reexec.Role{
		Kind: reexec.Orchestrator, Run: "train-nightly-7", Pipeline: "train", Namespace: "team", Job: "train-nightly-7", JobUID: "job-uid",
		Schedule: "train-nightly", Dir: "/var/run/k8sorch", Report: "/dev/termination-log",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("role (-want +got):\n%s", diff)
	}
}

func TestApplyFiresNothingBeforeAllIsThere(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	cron := apply(t, client, testSchedule(withToken("t")))
	if diff := cmp.Diff([]string{"create cronjobs", "create secrets", "create configmaps", "update cronjobs"}, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	for _, action := range client.Actions() {
		if create, ok := action.(clienttesting.CreateActionImpl); ok && create.Resource.Resource == "cronjobs" {
			if held := create.Object.(*batchv1.CronJob); !*held.Spec.Suspend {
				t.Error("the CronJob may fire before its plan is there")
			}
		}
	}
	if *cron.Spec.Suspend {
		t.Error("the schedule is suspended")
	}
}

func TestApplyThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	refusal := apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("ConfigMap").GroupKind(), "plan", nil)
	client := newFakeAPI()
	refuseOnce(client, "create", "configmaps", refusal)
	if _, err := testSchedule().Apply(t.Context(), client); !errors.Is(err, refusal) || !strings.Contains(err.Error(), "has been deleted again") {
		t.Errorf("error %v", err)
	}
	if _, err := FindSchedule(t.Context(), client, "team", "train-nightly"); !errors.Is(err, ErrNoSchedule) {
		t.Errorf("error %v, want %v", err, ErrNoSchedule)
	}
	before := apply(t, client, testSchedule())
	refuseOnce(client, "create", "configmaps", refusal)
	if _, err := testSchedule(withImage("new")).Apply(t.Context(), client); !errors.Is(err, refusal) || strings.Contains(err.Error(), "deleted") {
		t.Errorf("error %v", err)
	}
	after, err := FindSchedule(t.Context(), client, "team", "train-nightly")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("a schedule that was there has changed (-want +got):\n%s", diff)
	}
}

// TestScheduleThatWasNotMadeToTheEnd has a client die before the CronJob has its plan.
func TestScheduleThatWasNotMadeToTheEnd(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	want := testSchedule().cronJob("sha256:0123456789abcdef")
	half, made, err := testSchedule().ensureCronJob(t.Context(), client, want)
	if err != nil || !made || !*half.Spec.Suspend {
		t.Fatalf("made %t, %v", made, err)
	}
	_, changing := ChangeSchedule(t.Context(), client, half, func(spec *batchv1.CronJobSpec) { spec.Suspend = new(false) })
	_, triggering := Trigger(t.Context(), client, half, TriggeredName(half.Name), nil)
	_, _, firing := Fire(t.Context(), client, half, night)
	for _, err := range []error{changing, triggering, firing} {
		if !errors.Is(err, errIncomplete) {
			t.Errorf("error %v, want %v", err, errIncomplete)
		}
	}
	cron := apply(t, client, testSchedule())
	if cron.UID != half.UID || *cron.Spec.Suspend || isIncomplete(cron) {
		t.Errorf("the schedule that is made again is suspended: %t, annotations %v", *cron.Spec.Suspend, cron.Annotations)
	}
}

func TestApplyAgainstAnotherWriter(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	apply(t, client, testSchedule())
	refuseOnce(client, "update", "cronjobs", apierrors.NewConflict(batchv1.Resource("cronjobs"), "train-nightly", errors.New("changed")))
	if got := ScheduledImage(apply(t, client, testSchedule(withImage("new")))); got != "new" {
		t.Errorf("image %q", got)
	}
}

func TestApplyLeavesAForeignCronJobAlone(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(&batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: "train-nightly", Namespace: "team"}})
	if _, err := testSchedule().Apply(t.Context(), client); err == nil || !strings.Contains(err.Error(), "is no schedule: give the schedule another Suffix") {
		t.Errorf("error %v", err)
	}
	if got := writes(client); got != nil {
		t.Errorf("writes %q", got)
	}
}

func planNames(t *testing.T, client *fake.Clientset) (names []string) {
	t.Helper()
	list, err := client.CoreV1().ConfigMaps("team").List(t.Context(), metav1.ListOptions{LabelSelector: LabelRecord + "=" + RecordPlan})
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range list.Items {
		names = append(names, config.Name)
	}
	return names
}

// TestEveryJobKeepsThePlanOfItsImage changes a schedule while a run of each version goes on, and then ends.
func TestEveryJobKeepsThePlanOfItsImage(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	var plans []string
	var jobs []*batchv1.Job
	for i, image := range []string{"one", "two", "three"} {
		cron := apply(t, client, testSchedule(withImage(image)))
		job, _, err := Fire(t.Context(), client, cron, time.Unix(int64(i)*86400, 0))
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job)
		plans = append(plans, planNameOf("train-nightly", cron.Spec.JobTemplate.Annotations[annotationPlan]))
	}
	if diff := cmp.Diff(sorted(plans), sorted(planNames(t, client))); diff != "" {
		t.Errorf("plans while all runs go on (-want +got):\n%s", diff)
	}
	for _, job := range jobs {
		ends(batchv1.JobComplete, "", "")(job)
		if _, err := client.BatchV1().Jobs("team").UpdateStatus(t.Context(), job, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	last := apply(t, client, testSchedule(withImage("four")))
	want := []string{plans[2], planNameOf("train-nightly", last.Spec.JobTemplate.Annotations[annotationPlan])}
	if diff := cmp.Diff(sorted(want), sorted(planNames(t, client))); diff != "" {
		t.Errorf("plans when none goes on (-want +got):\n%s", diff)
	}
}

func TestPlansThatCannotBeDeletedAreTold(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	forbid(client, "delete configmaps")
	var said []string
	for _, image := range []string{"one", "two", "three"} {
		apply(t, client, testSchedule(withImage(image), func(s *Submission) {
			s.Notice = func(text string) { said = append(said, text) }
		}))
	}
	if len(said) != 1 || !strings.Contains(said[0], "are kept until it is deleted") {
		t.Errorf("notices %q", said)
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func TestTokenOfAScheduleIsRenewed(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	apply(t, client, testSchedule(withToken("one")))
	cron := apply(t, client, testSchedule(withToken("two")))
	secret, err := client.CoreV1().Secrets("team").Get(t.Context(), "train-nightly-token", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(secret.Data["token"]); got != "two" {
		t.Errorf("token %q, want that of the last time", got)
	}
	if diff := cmp.Diff([]metav1.OwnerReference{cronJobOwner(cron)}, secret.OwnerReferences); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	p := testSchedule().Submission.Plan
	p.Kubernetes.Token = new(TokenVar(Ref{Run: "train-nightly"}))
	if err := DeleteToken(t.Context(), client, "team", p); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Secrets("team").Get(t.Context(), "train-nightly-token", metav1.GetOptions{}); err != nil {
		t.Errorf("the end of a run has deleted the schedule's token: %v", err)
	}
}

func TestScheduleIsRehearsed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ answer, want string }{
		"refused for good": {`violates PodSecurity "restricted:latest": runAsNonRoot != true`, "checking the orchestrator's pod: the cluster refuses it"},
		// There may be room when it fires.
		"no room now": {"exceeded quota: compute, requested: pods=1, used: pods=5, limited: pods=5", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI()
			_, err := testSchedule().Apply(t.Context(), judging(client, func(pod *corev1.Pod) error {
				return apierrors.NewForbidden(podsResource, pod.Name, errors.New(test.answer))
			}))
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || countOf(client, "create", "cronjobs") > 0):
				t.Errorf("error %v, want one with %q and no CronJob", err, test.want)
			}
		})
	}
}
