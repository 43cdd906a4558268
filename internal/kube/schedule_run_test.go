package kube

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

var night = time.Date(2026, 11, 25, 1, 30, 0, 0, time.UTC)

func noTrace() map[string]string { return nil }

// fireTest makes the run of a firing of the test's schedule.
func fireTest(t *testing.T, client *fake.Clientset) *batchv1.Job {
	t.Helper()
	job, made, err := Fire(t.Context(), client, apply(t, client, testSchedule()), night)
	if err != nil || !made {
		t.Fatalf("made %t, %v", made, err)
	}
	return job
}

func TestFiringTime(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name        string
		annotations map[string]string
		want        time.Time
	}{
		"as the controller has noted it":   {"train-nightly-29926170", map[string]string{batchv1.CronJobScheduledTimestampAnnotation: "2026-11-25T02:30:00+01:00"}, night},
		"by the name":                      {"train-nightly-29926170", nil, night},
		"by the name, for want of a time":  {"train-nightly-29926170", map[string]string{batchv1.CronJobScheduledTimestampAnnotation: "tonight"}, night},
		"made by hand":                     {"by-hand", nil, time.Time{}},
		"made by hand, as kubectl does it": {"train-nightly-29926170", map[string]string{annotationInstantiate: "manual"}, time.Time{}},
		"of another name":                  {"train-nightly-x29926170", nil, time.Time{}},
		"of no minute":                     {"train-nightly-029926170", nil, time.Time{}},
		"beyond all times":                 {"train-nightly-99999999999999999999", nil, time.Time{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{
				Name: test.name, Annotations: test.annotations, Labels: map[string]string{LabelSchedule: "train-nightly"},
			}}
			if got := firingTime(job); !got.Equal(test.want) {
				t.Errorf("time %s, want %s", got, test.want)
			}
		})
	}
}

func TestAFiringIsOneJob(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	first := fireTest(t, client)
	cron, err := FindSchedule(t.Context(), client, "team", "train-nightly")
	if err != nil {
		t.Fatal(err)
	}
	again, made, err := Fire(t.Context(), client, cron, night.In(time.FixedZone("", 3600)))
	if err != nil || made || again.UID != first.UID {
		t.Errorf("made %t, UID %s, %v, want the Job %s", made, again.UID, err, first.UID)
	}
	foreign := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: FiringName("train-nightly", night.Add(time.Minute))}}
	if _, err := client.BatchV1().Jobs("team").Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Fire(t.Context(), client, cron, night.Add(time.Minute)); err == nil || !strings.Contains(err.Error(), "not this schedule's: delete it") {
		t.Errorf("error %v", err)
	}
}

// TestAFiringOfAnEarlierScheduleIsWaitedOut makes a firing whose name a schedule has used that was deleted a moment ago.
func TestAFiringOfAnEarlierScheduleIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newFakeAPI()
		earlier := fireTest(t, client)
		cron, err := FindSchedule(t.Context(), client, "team", "train-nightly")
		if err != nil {
			t.Fatal(err)
		}
		cron = cron.DeepCopy()
		cron.UID = "another"
		time.AfterFunc(3*time.Second, func() {
			_ = client.BatchV1().Jobs("team").Delete(t.Context(), earlier.Name, metav1.DeleteOptions{})
		})
		if job, made, err := Fire(t.Context(), client, cron, night); err != nil || !made || !ownedBy(job, "another") {
			t.Errorf("made %t, %v", made, err)
		}
	})
}

func TestBeginScheduled(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	job := fireTest(t, client)
	job.CreationTimestamp = metav1.NewTime(night.Add(2 * time.Second))
	if _, err := client.BatchV1().Jobs("team").Update(t.Context(), job, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	ref := RefOf(reexec.Role{Namespace: "team", Pipeline: "train", Run: job.Name, Job: job.Name, JobUID: string(job.UID)})
	given := testSchedule().Submission.Plan
	want := *given
	want.Run, want.Scheduled, want.Submitted = "train-nightly-29926170", night, night.Add(2*time.Second)
	for range 2 {
		got, err := BeginScheduled(t.Context(), client, ref, given, noTrace)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
	}
	found, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: job.Name, Pipeline: "train"})
	if err != nil || found.JobUID != job.UID || found.PlanUID == "" {
		t.Fatalf("found %+v, %v", found, err)
	}
	config, err := FindPlan(t.Context(), client, found)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]metav1.OwnerReference{found.jobOwner()}, config.OwnerReferences); diff != "" {
		t.Errorf("owners of the plan (-want +got):\n%s", diff)
	}
	if got := config.Labels[LabelRun]; got != job.Name {
		t.Errorf("the plan has the run label %q", got)
	}
}

// TestBeginScheduledGoesOnWithThePlanThatStands has an orchestrator of the Job find what the one before it has made.
func TestBeginScheduledGoesOnWithThePlanThatStands(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	job := fireTest(t, client)
	ref := Ref{Namespace: "team", Run: job.Name, Job: job.Name, JobUID: job.UID}
	first := testSchedule().Submission.Plan
	first.Artifacts = "file:///first"
	if _, err := BeginScheduled(t.Context(), client, ref, first, noTrace); err != nil {
		t.Fatal(err)
	}
	got, err := BeginScheduled(t.Context(), client, ref, testSchedule().Submission.Plan, noTrace)
	if err != nil || got.Artifacts != "file:///first" {
		t.Errorf("plan %+v, %v, want that which stands", got, err)
	}
}

func TestBeginScheduledOfAJobThatIsGone(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	job := fireTest(t, client)
	for name, ref := range map[string]Ref{
		"another of its name": {Namespace: "team", Run: job.Name, JobUID: "earlier"},
		"none":                {Namespace: "team", Run: "train-nightly-1"},
	} {
		if _, err := BeginScheduled(t.Context(), client, ref, &plan.Plan{}, noTrace); !errors.Is(err, ErrNoRun) {
			t.Errorf("%s: error %v, want %v", name, err, ErrNoRun)
		}
	}
}

func TestRunOf(t *testing.T) {
	t.Parallel()
	for want, labels := range map[string]map[string]string{
		"a":   {LabelManagedBy: ManagedBy, LabelRun: "a"},
		"job": {LabelManagedBy: ManagedBy, LabelSchedule: "s"},
		"b":   {LabelManagedBy: ManagedBy, LabelSchedule: "s", LabelRun: "b"},
	} {
		if got := RunOf(&batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "job", Labels: labels}}); got != want {
			t.Errorf("run of %v = %q, want %q", labels, got, want)
		}
		delete(labels, LabelManagedBy)
		if got := RunOf(&batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "job", Labels: labels}}); got != "" {
			t.Errorf("run of %v = %q, want none", labels, got)
		}
	}
}

func TestTriggeredRunsCountInTheHistoryAndBackfilledOnesDoNot(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	fired := fireTest(t, client)
	cron, err := FindSchedule(t.Context(), client, "team", "train-nightly")
	if err != nil {
		t.Fatal(err)
	}
	triggered, err := Trigger(t.Context(), client, cron, TriggeredName(cron.Name), nil)
	if err != nil {
		t.Fatal(err)
	}
	// By the controller the CronJob controller knows its own (getJobsToBeReconciled).
	if metav1.IsControlledBy(fired, cron) || !ownedBy(fired, cron.UID) || !metav1.IsControlledBy(triggered, cron) {
		t.Errorf("owners of a backfilled run %+v, of a triggered one %+v", fired.OwnerReferences, triggered.OwnerReferences)
	}
	if len(triggered.Name) > 63 || !firingTime(triggered).IsZero() {
		t.Errorf("the triggered run %s is for %s", triggered.Name, firingTime(triggered))
	}
}

func TestFiringsAreOtherRunsOfThePipeline(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(runJob(1))
	fired := fireTest(t, client)
	got, err := Finder{Client: client, Ref: Ref{Namespace: "team", Pipeline: "train", Run: "train-2"}}.EarlierRuns(t.Context())
	if diff := cmp.Diff(sorted([]string{fired.Name, "train-1"}), sorted(got)); diff != "" || err != nil {
		t.Errorf("error %v, runs (-want +got):\n%s", err, diff)
	}
	got, err = Finder{Client: client, Ref: Ref{Namespace: "team", Pipeline: "train", Run: fired.Name}}.EarlierRuns(t.Context())
	if diff := cmp.Diff([]string{"train-1"}, got); diff != "" || err != nil {
		t.Errorf("error %v, runs before the firing (-want +got):\n%s", err, diff)
	}
}

// TestTrimLeavesFiringsToTheirSchedule has a submit trim the history of a pipeline that is scheduled, too.
func TestTrimLeavesFiringsToTheirSchedule(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	job := fireTest(t, client)
	ends(batchv1.JobComplete, "", "")(job)
	if _, err := client.BatchV1().Jobs("team").UpdateStatus(t.Context(), job, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	client.ClearActions()
	if err := (History{Succeeded: new(0), Failed: new(0)}).Trim(t.Context(), client, testRef()); err != nil {
		t.Fatal(err)
	}
	if got := writes(client); got != nil {
		t.Errorf("writes %q", got)
	}
}

// TestRetriedFiringIsNotMadeAgain has the Job of a firing replaced by that of a retry, as it is once the retry has begun.
func TestRetriedFiringIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	first := fireTest(t, client)
	retry := first.DeepCopy()
	retry.Name, retry.UID = first.Name+"-2", "retry"
	retry.Labels[LabelRun] = first.Name
	if err := client.Tracker().Add(retry); err != nil {
		t.Fatal(err)
	}
	cron := apply(t, client, testSchedule())
	for _, want := range []string{first.Name, retry.Name} {
		if want == retry.Name {
			if err := client.BatchV1().Jobs("team").Delete(t.Context(), first.Name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if job, made, err := Fire(t.Context(), client, cron, night); err != nil || made || job.Name != want {
			t.Errorf("%+v, made %t, %v, want the Job %s that is there", job, made, err, want)
		}
	}
}

func TestAwaitJob(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*testing.T, *fake.Clientset)
		want   record.Outcome
	}{
		"succeeds": {func(t *testing.T, client *fake.Clientset) {
			updateJob(t, client, submittedJob(ends(batchv1.JobComplete, "", "")))
		}, record.Succeeded},
		"fails": {func(t *testing.T, client *fake.Clientset) {
			updateJob(t, client, submittedJob(ends(batchv1.JobFailed, "BackoffLimitExceeded", "Job has reached the specified backoff limit")))
		}, record.Failed},
		"is stopped": {func(t *testing.T, client *fake.Clientset) {
			updateJob(t, client, submittedJob(ends(batchv1.JobFailed, "PodFailurePolicy", "Container main for pod team/p failed with exit code 12")))
		}, record.Stopped},
		"is deleted": {func(t *testing.T, client *fake.Clientset) {
			if err := client.BatchV1().Jobs("team").Delete(t.Context(), "train-7", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		}, record.Stopped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := fake.NewClientset(submittedJob())
				got := make(chan record.Outcome, 1)
				go func() {
					end, err := AwaitJob(t.Context(), client, testRef())
					if err != nil {
						t.Error(err)
					}
					got <- end
				}()
				synctest.Wait()
				if len(got) > 0 {
					t.Fatal("the Job has not ended yet")
				}
				test.change(t, client)
				if end := <-got; end != test.want {
					t.Errorf("the run %s, want %s", end, test.want)
				}
			})
		})
	}
}
