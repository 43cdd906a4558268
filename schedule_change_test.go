package pipeline_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestSchedulingAgainChangesTheSchedule(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"}, s.rows.Set(7))
	before := s.cronJob(t, "train")
	s.schedule(t, pipeline.Schedule{Cron: "@daily"}, s.rows.Set(7))
	if diff := cmp.Diff(before, s.cronJob(t, "train")); diff != "" {
		t.Errorf("the same schedule has changed (-want +got):\n%s", diff)
	}
	s.schedule(t, pipeline.Schedule{Cron: "@hourly", TimeZone: "Asia/Tokyo"}, s.rows.Set(8))
	after := s.cronJob(t, "train")
	if after.UID != before.UID || after.Spec.Schedule != "@hourly" || *after.Spec.TimeZone != "Asia/Tokyo" {
		t.Errorf("CronJob %s fires %s in %s", after.UID, after.Spec.Schedule, *after.Spec.TimeZone)
	}
	want := []fired{{"train-29926440", "2026-11-25T06:00:00Z", 8}}
	if diff := cmp.Diff(want, s.await(t, s.Fire("train", sixOClock))); diff != "" {
		t.Errorf("calls of the step (-want +got):\n%s", diff)
	}
}

func TestSchedulingAgainLeavesASuspendedScheduleSuspended(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"})
	st, err := s.Orchestrator().UpdateSchedule(t.Context(), "train", pipeline.Schedule{Suspended: new(true)})
	if err != nil || !*st.Schedule.Suspended || st.Next != nil {
		t.Fatalf("status %+v, %v, want a suspended schedule that does not fire", st, err)
	}
	if st := s.schedule(t, pipeline.Schedule{Cron: "@hourly"}); !*st.Schedule.Suspended {
		t.Error("scheduling again has resumed the schedule")
	}
	if run := s.Fire("train", sixOClock); run != "" {
		t.Errorf("a suspended schedule has fired: %q", run)
	}
	if st := s.schedule(t, pipeline.Schedule{Cron: "@hourly", Suspended: new(false)}); *st.Schedule.Suspended {
		t.Error("the schedule is still suspended")
	}
}

func TestUpdateScheduleKeepsWhatIsNotSet(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Suffix: "a", Cron: "*/10 * * * *", TimeZone: "Asia/Tokyo", FailedRunsHistoryLimit: new(9)})
	template := s.cronJob(t, "train-a").Spec.JobTemplate
	st, err := s.Orchestrator().UpdateSchedule(t.Context(), "train-a", pipeline.Schedule{
		Cron: "@daily", ConcurrencyPolicy: batchv1.ReplaceConcurrent,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := pipeline.Schedule{
		Suffix: "a", Cron: "@daily", TimeZone: "Asia/Tokyo", ConcurrencyPolicy: batchv1.ReplaceConcurrent, StartingDeadline: new(3600),
		SuccessfulRunsHistoryLimit: new(3), FailedRunsHistoryLimit: new(9), Suspended: new(false),
	}
	if diff := cmp.Diff(want, st.Schedule); diff != "" {
		t.Errorf("schedule (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(template, s.cronJob(t, "train-a").Spec.JobTemplate); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
}

// TestUpdatesOfAScheduleAddUp has another client suspend the schedule while the first one is about to write.
func TestUpdatesOfAScheduleAddUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"})
	suspended, asked := s.cronJob(t, "train").DeepCopy(), 0
	suspended.Spec.Suspend = new(true)
	s.Clientset().PrependReactor("get", "cronjobs", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if asked++; asked < 2 { // The first time the schedule is only looked for.
			return false, nil, nil
		}
		return false, nil, s.Clientset().Tracker().Update(action.GetResource(), suspended, k8sorchtest.Namespace)
	})
	st, err := s.Orchestrator().UpdateSchedule(t.Context(), "train", pipeline.Schedule{FailedRunsHistoryLimit: new(9)})
	if err != nil {
		t.Fatal(err)
	}
	if !*st.Schedule.Suspended || *st.Schedule.FailedRunsHistoryLimit != 9 {
		t.Errorf("schedule %+v, want both changes", st.Schedule)
	}
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily", Suspended: new(true)})
	one, two := s.trigger(t), s.trigger(t)
	s.await(t, one.ID)
	calls := s.await(t, two.ID)
	if len(calls) != 2 || one.ID == two.ID || calls[0].Scheduled != "" {
		t.Errorf("runs %q and %q have called the step as %+v", one.ID, two.ID, calls)
	}
}

// A run that was triggered is waited for as any other, and its results are read.
func TestTriggeredRunIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"}, s.rows.Set(7))
	run, err := s.trigger(t).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := s.look.Result(t.Context(), run); err != nil || rows != 7 {
		t.Errorf("the result is %d, %v; want 7", rows, err)
	}
}

func TestTriggerOfAnotherPipelinesSchedule(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"})
	_, err := s.Orchestrator().TriggerSchedule(t.Context(), pipeline.New("other").Step(s.look), "train")
	if want := `schedule train is one of pipeline "train", not of "other"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v does not say that %s", err, want)
	}
	if jobs := s.Jobs(); len(jobs) > 0 {
		t.Errorf("%d Jobs were made", len(jobs))
	}
}

func (s *stage) trigger(t *testing.T) *pipeline.Handle {
	t.Helper()
	h, err := s.Orchestrator().TriggerSchedule(t.Context(), s.pipeline, "train")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestDeleteSchedule(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"})
	uid := s.cronJob(t, "train").UID
	s.await(t, s.Fire("train", sixOClock))
	s.await(t, s.trigger(t).ID)
	wantOwned(t, s, uid)
	if err := s.Orchestrator().DeleteSchedule(t.Context(), "train"); err != nil {
		t.Fatal(err)
	}
	if err := s.Orchestrator().DeleteSchedule(t.Context(), "train"); !errors.Is(err, pipeline.ErrNoSchedule) {
		t.Errorf("error %v, want %v", err, pipeline.ErrNoSchedule)
	}
}

// wantOwned checks that the garbage collector, which the fake does not have, would find everything from the CronJob.
func wantOwned(t *testing.T, s *stage, root types.UID) {
	t.Helper()
	var all []metav1.ObjectMeta
	jobs, err := s.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs.Items {
		all = append(all, job.ObjectMeta)
	}
	configs, err := s.Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range configs.Items {
		all = append(all, config.ObjectMeta)
	}
	owned := map[types.UID]bool{root: true}
	for range all {
		for _, object := range all {
			for _, owner := range object.OwnerReferences {
				owned[object.UID] = owned[object.UID] || owned[owner.UID]
			}
		}
	}
	for _, object := range all {
		if !owned[object.UID] {
			t.Errorf("%s would be left: its owners are %+v", object.Name, object.OwnerReferences)
		}
	}
}
