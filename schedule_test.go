package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/reexec"
	"github.com/org/k8sorch/k8sorchtest"
)

// fired is what a step of a scheduled run has seen.
type fired struct {
	Run       string
	Scheduled string
	Rows      int
}

// stage is a cluster with a pipeline that notes in which runs its step was called.
type stage struct {
	*k8sorchtest.Cluster
	pipeline *pipeline.Pipeline
	rows     *pipeline.Parameter[int]

	mu    sync.Mutex
	calls []fired
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{rows: pipeline.Param("rows", 1)}
	look := pipeline.Func("look", func(ctx context.Context, rows int) (int, error) {
		at, _ := pipeline.ScheduledTime(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		seen := fired{Run: pipeline.AttemptInfo(ctx).Run, Rows: rows}
		if !at.IsZero() {
			seen.Scheduled = at.Format(time.RFC3339)
		}
		s.calls = append(s.calls, seen)
		return rows, nil
	}, s.rows)
	s.pipeline = pipeline.New("train").Step(look)
	s.Cluster = k8sorchtest.New(t, s.pipeline)
	return s
}

func (s *stage) schedule(t *testing.T, schedule pipeline.Schedule, opts ...pipeline.RunOption) *pipeline.ScheduleStatus {
	t.Helper()
	st, err := s.Orchestrator().Schedule(s.Context(t.Context()), s.pipeline, schedule, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func (s *stage) cronJob(t *testing.T, name string) *batchv1.CronJob {
	t.Helper()
	cron, err := s.Clientset().BatchV1().CronJobs(k8sorchtest.Namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return cron
}

// await waits for runs, which are to succeed, and returns what their step has seen.
func (s *stage) await(t *testing.T, runs ...string) []fired {
	t.Helper()
	for _, run := range runs {
		if got := s.Await(t.Context(), run); got != pipeline.Succeeded {
			t.Fatalf("run %q ended as %q", run, got)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

var sixOClock = time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)

func TestEachFiringIsARun(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Suffix: "daily", Cron: "0 6 * * *"}, s.rows.Set(7))
	zurich := time.FixedZone("", 3600)
	first := s.Fire("train-daily", sixOClock)
	s.await(t, first)
	again := s.Fire("train-daily", sixOClock)
	second := s.Fire("train-daily", sixOClock.Add(24*time.Hour).In(zurich))
	if first != again || first == second {
		t.Errorf("runs %q, %q, %q, want one for each time", first, again, second)
	}
	want := []fired{
		{"train-daily-29926440", "2026-11-25T06:00:00Z", 7},
		{"train-daily-29927880", "2026-11-26T07:00:00+01:00", 7},
	}
	if diff := cmp.Diff(want, s.await(t, second)); diff != "" {
		t.Errorf("calls of the step (-want +got):\n%s", diff)
	}
}

func TestScheduleOutlivesAnEvictedOrchestrator(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}), make(chan struct{})
	wait := pipeline.Func0("wait", func(ctx context.Context) (string, error) {
		close(begun)
		<-release
		at, _ := pipeline.ScheduledTime(ctx)
		return at.Format(time.RFC3339), nil
	})
	p := pipeline.New("train").Step(wait)
	c := k8sorchtest.New(t, p)
	if _, err := c.Orchestrator().Schedule(c.Context(t.Context()), p, pipeline.Schedule{Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	run := c.Fire("train", sixOClock)
	<-begun
	c.KillOrchestrator()
	close(release)
	if got := c.Await(t.Context(), run); got != pipeline.Succeeded {
		t.Errorf("the run ended as %q", got)
	}
	if diff := cmp.Diff([]string{"wait"}, c.Started()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

func TestScheduleDefaults(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	st := s.schedule(t, pipeline.Schedule{Cron: "0 6 * * *"})
	want := pipeline.Schedule{
		Cron: "0 6 * * *", TimeZone: "UTC", ConcurrencyPolicy: batchv1.ForbidConcurrent, StartingDeadline: new(3600),
		SuccessfulRunsHistoryLimit: new(3), FailedRunsHistoryLimit: new(1), Suspended: new(false),
	}
	if diff := cmp.Diff(want, st.Schedule); diff != "" {
		t.Errorf("schedule (-want +got):\n%s", diff)
	}
	if len(st.Next) != 5 || !st.Next[0].After(time.Now()) {
		t.Errorf("next firings %v, want five to come", st.Next)
	}
}

func TestStartingDeadlineFollowsTheInterval(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for cron, want := range map[string]int{"* * * * *": 200, "*/10 * * * *": 600, "@hourly": 3600, "@weekly": 3600} {
		if got := s.schedule(t, pipeline.Schedule{Cron: cron}).Schedule.StartingDeadline; *got != want {
			t.Errorf("deadline of %q = %d s, want %d s", cron, *got, want)
		}
	}
}

func TestHistoryLimitsOfTheSettingsAreTheSchedules(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	st := s.schedule(t, pipeline.Schedule{Cron: "@daily", FailedRunsHistoryLimit: new(9)}, pipeline.RunSettings(
		pipeline.KubernetesOrchestratorSettings{SuccessfulJobsHistoryLimit: new(30), FailedJobsHistoryLimit: new(20)}))
	if got := []int{*st.Schedule.SuccessfulRunsHistoryLimit, *st.Schedule.FailedRunsHistoryLimit}; !cmp.Equal([]int{30, 9}, got) {
		t.Errorf("limits %v, want [30 9]", got)
	}
}

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

func TestScheduleNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long-", 10) + "name"
	names := map[string]bool{}
	for _, suffix := range []string{"", "a", "b"} {
		p := pipeline.New(long).Step(pipeline.Func0("a", number))
		c := k8sorchtest.New(t, p)
		st, err := c.Orchestrator().Schedule(c.Context(t.Context()), p, pipeline.Schedule{Suffix: suffix, Cron: "@daily"})
		if err != nil {
			t.Fatal(err)
		}
		if len(st.Name) > 52 || !strings.HasPrefix(st.Name, "long-long-") || names[st.Name] {
			t.Errorf("suffix %q: name %q, want one of its own, readable and of 52 bytes at most", suffix, st.Name)
		}
		names[st.Name] = true
		if got := c.Await(t.Context(), c.Fire(st.Name, sixOClock)); got != pipeline.Succeeded {
			t.Errorf("a run of schedule %q ended as %q", st.Name, got)
		}
	}
}

func TestScheduleOfAnotherPipelineIsLeftAlone(t *testing.T) {
	t.Parallel()
	one := pipeline.New("train-fast").Step(pipeline.Func0("a", number))
	two := pipeline.New("train").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, one, two)
	if _, err := c.Orchestrator().Schedule(c.Context(t.Context()), one, pipeline.Schedule{Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Orchestrator().Schedule(c.Context(t.Context()), two, pipeline.Schedule{Suffix: "fast", Cron: "@daily"})
	if err == nil || !strings.Contains(err.Error(), `the schedule of this name is one of pipeline "train-fast": give the schedule another Suffix`) {
		t.Errorf("error %v", err)
	}
}

func TestScheduleRefusesBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		schedule pipeline.Schedule
		opts     []pipeline.RunOption
		want     string
	}{
		"cron":     {pipeline.Schedule{Cron: "0 25 * * *"}, nil, `Schedule.Cron: reading cron expression "0 25 * * *": field 2, the hour, at column 3`},
		"no cron":  {pipeline.Schedule{}, nil, "Schedule.Cron"},
		"zone":     {pipeline.Schedule{Cron: "@daily", TimeZone: "Mars/Base"}, nil, "give a name of the IANA time zone database"},
		"suffix":   {pipeline.Schedule{Cron: "@daily", Suffix: "Nightly"}, nil, "Schedule.Suffix"},
		"policy":   {pipeline.Schedule{Cron: "@daily", ConcurrencyPolicy: "Queue"}, nil, "give Forbid, Allow or Replace"},
		"deadline": {pipeline.Schedule{Cron: "@daily", StartingDeadline: new(9)}, nil, "looks every 10 s"},
		"limit":    {pipeline.Schedule{Cron: "@daily", FailedRunsHistoryLimit: new(-1)}, nil, "Schedule.FailedRunsHistoryLimit: -1 is less than 0"},
		"time":     {pipeline.Schedule{Cron: "@daily"}, []pipeline.RunOption{pipeline.ScheduledFor(sixOClock)}, "ScheduledFor is for single runs"},
		"param":    {pipeline.Schedule{Cron: "@daily"}, []pipeline.RunOption{pipeline.SetText("cols", "1")}, `no such parameter; it has rows`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			_, err := s.Orchestrator().Schedule(s.Context(t.Context()), s.pipeline, test.schedule, test.opts...)
			if _, ok := errors.AsType[*pipeline.ValidationError](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want a *ValidationError with %q", err, test.want)
			}
			for _, action := range s.Clientset().Actions() {
				if action.GetVerb() == "create" {
					t.Errorf("%s of %s though the schedule is refused", action.GetVerb(), action.GetResource().Resource)
				}
			}
		})
	}
}

// TestScheduleIsAnEntryOfMain has a main that comes to Schedule and to nothing else play the role of its process.
func TestScheduleIsAnEntryOfMain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var exits []int
	o := s.Orchestrator(pipeline.WithExit(func(code int) { exits = append(exits, code) }))
	report := filepath.Join(t.TempDir(), "answer.json")
	probe := reexec.NewContext(t.Context(), reexec.Role{Kind: reexec.Probe, Pipeline: "train", Report: report})
	st, err := o.Schedule(probe, s.pipeline, pipeline.Schedule{Cron: "@daily"})
	if st != nil || err != nil || !cmp.Equal([]int{0}, exits) {
		t.Errorf("status %v, error %v, exits %v", st, err, exits)
	}
	if answer, err := os.ReadFile(report); err != nil || !strings.Contains(string(answer), `"look"`) {
		t.Errorf("answer %s, %v, want the graph", answer, err)
	}
}

func TestSchedulesNeedACluster(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	o := pipeline.NewOrchestrator(pipeline.Config{})
	if _, err := o.Schedule(s.Context(t.Context()), s.pipeline, pipeline.Schedule{Cron: "@daily"}); err == nil || !strings.Contains(err.Error(), "--context") {
		t.Errorf("error %v, want one that says how to name a cluster", err)
	}
	if _, err := o.Schedules(t.Context()); err == nil || !strings.Contains(err.Error(), "--context") {
		t.Errorf("error %v, want one that says how to name a cluster", err)
	}
}

func TestSchedulesAreListed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Suffix: "b", Cron: "@daily"})
	s.schedule(t, pipeline.Schedule{Suffix: "a", Cron: "30 1,2 * * *", TimeZone: "America/New_York"})
	other := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: "other"}}
	if _, err := s.Clientset().BatchV1().CronJobs(k8sorchtest.Namespace).Create(t.Context(), other, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Orchestrator().Schedules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, st := range all {
		got[st.Name] = st.Pipeline + " " + st.Schedule.Suffix
	}
	if diff := cmp.Diff(map[string]string{"train-a": "train a", "train-b": "train b"}, got); diff != "" {
		t.Errorf("schedules (-want +got):\n%s", diff)
	}
	if len(all[0].Warnings) < 2 {
		t.Errorf("warnings %q, want one for each change of the clocks", all[0].Warnings)
	}
	if _, err := s.Orchestrator().FindSchedule(t.Context(), "train-c"); !errors.Is(err, pipeline.ErrNoSchedule) {
		t.Errorf("error %v, want %v", err, pipeline.ErrNoSchedule)
	}
	if _, err := s.Orchestrator().FindSchedule(t.Context(), "other"); err == nil || !strings.Contains(err.Error(), "is no schedule") {
		t.Errorf("error %v, want one that says that it is no schedule", err)
	}
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily", Suspended: new(true)})
	one, err := s.Orchestrator().TriggerSchedule(t.Context(), "train")
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.Orchestrator().TriggerSchedule(t.Context(), "train")
	if err != nil {
		t.Fatal(err)
	}
	s.await(t, one)
	calls := s.await(t, two)
	if len(calls) != 2 || one == two || calls[0].Scheduled != "" {
		t.Errorf("runs %q and %q have called the step as %+v", one, two, calls)
	}
}

func TestBackfillMakesUpForWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "0 6 * * *", TimeZone: "Europe/Zurich"})
	past := time.Date(2025, 3, 1, 5, 0, 0, 0, time.UTC)
	s.await(t, s.Fire("train", past.Add(24*time.Hour)))
	b := pipeline.Backfill{From: past, To: past.Add(48 * time.Hour)}
	runs, err := s.Orchestrator().BackfillSchedule(t.Context(), "train", b)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.String())
	}
	want := []string{
		"run train-29013420 for 2025-03-01T06:00:00+01:00 was made and ended as Succeeded",
		"run train-29014860 for 2025-03-02T06:00:00+01:00 was there already and ended as Succeeded",
		"run train-29016300 for 2025-03-03T06:00:00+01:00 was made and ended as Succeeded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	b.Parallel = 3
	again, err := s.Orchestrator().BackfillSchedule(t.Context(), "train", b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if r.Made {
			t.Errorf("%s again", r)
		}
	}
	var times []string
	for _, call := range s.await(t) {
		times = append(times, call.Scheduled)
	}
	if diff := cmp.Diff([]string{"2025-03-02T05:00:00Z", "2025-03-01T06:00:00+01:00", "2025-03-03T06:00:00+01:00"}, times); diff != "" {
		t.Errorf("calls of the step (-want +got):\n%s", diff)
	}
}

func TestBackfillRefusesRanges(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "* * * * *"})
	past := time.Date(2025, 3, 1, 5, 0, 0, 0, time.UTC)
	for want, b := range map[string]pipeline.Backfill{
		"is no range":               {},
		"the earlier first":         {From: past, To: past.Add(-time.Hour)},
		"is yet to come":            {From: past, To: time.Now().Add(time.Hour)},
		"more than 1000 firings":    {From: past, To: past.Add(24 * time.Hour)},
		"2025-03-02T05:00:00Z: tak": {From: past, To: past.Add(24 * time.Hour)},
	} {
		if runs, err := s.Orchestrator().BackfillSchedule(t.Context(), "train", b); err == nil || !strings.Contains(err.Error(), want) || runs != nil {
			t.Errorf("runs %v, error %v, want one with %q", runs, err, want)
		}
	}
}

func TestBackfillThatIsInterrupted(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	hang := pipeline.Func0("hang", func(ctx context.Context) (int, error) {
		close(begun)
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	p := pipeline.New("train").Step(hang)
	c := k8sorchtest.New(t, p)
	if _, err := c.Orchestrator().Schedule(c.Context(t.Context()), p, pipeline.Schedule{Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	past := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	runs, err := c.Orchestrator().BackfillSchedule(ctx, "train", pipeline.Backfill{From: past, To: past.Add(72 * time.Hour)})
	want := []pipeline.BackfilledRun{{Run: "train-29013120", Scheduled: past, Made: true}}
	if diff := cmp.Diff(want, runs); diff != "" || !errors.Is(err, pipeline.ErrInterrupted) {
		t.Errorf("error %v, runs (-want +got):\n%s", err, diff)
	}
}

func TestTokenOfAScheduleOutlivesItsRuns(t *testing.T) {
	t.Parallel()
	var got []string
	read := pipeline.Func0("read", func(ctx context.Context) (int, error) {
		token, _ := pipeline.Token(ctx)
		got = append(got, token)
		return 0, nil
	})
	p := pipeline.New("train").Step(read)
	c := k8sorchtest.New(t, p)
	given := "first"
	var notices []string
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Token: func(context.Context) (string, error) { return given, nil },
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}, pipeline.WithClientset(c.Clientset()), pipeline.WithEvents(func(e pipeline.Event) { notices = append(notices, e.Message) }))
	for i, token := range []string{"first", "second"} {
		given = token
		if _, err := o.Schedule(c.Context(t.Context()), p, pipeline.Schedule{Cron: "@daily"}); err != nil {
			t.Fatal(err)
		}
		for day := range 2 {
			if end := c.Await(t.Context(), c.Fire("train", sixOClock.Add(time.Duration(2*i+day)*24*time.Hour))); end != pipeline.Succeeded {
				t.Errorf("the run ended as %q", end)
			}
		}
	}
	if diff := cmp.Diff([]string{"first", "first", "second", "second"}, got); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	secret, err := c.Clientset().CoreV1().Secrets(k8sorchtest.Namespace).Get(t.Context(), "train-token", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if owners := secret.OwnerReferences; len(owners) != 1 || owners[0].Kind != "CronJob" {
		t.Errorf("owners of the Secret %+v, want the CronJob", owners)
	}
	if said := strings.Join(notices, "\n"); !strings.Contains(said, "until the schedule is deleted, and has to last as long") {
		t.Errorf("notices:\n%s", said)
	}
}

func TestSecretOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	theirs := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "train-token"}, Data: map[string][]byte{"token": []byte("theirs")}}
	secrets := s.Clientset().CoreV1().Secrets(k8sorchtest.Namespace)
	if _, err := secrets.Create(t.Context(), theirs, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Token: giveCanary,
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}, pipeline.WithClientset(s.Clientset()))
	if _, err := o.Schedule(s.Context(t.Context()), s.pipeline, pipeline.Schedule{Cron: "@daily"}); err == nil {
		t.Error("a Secret of this name is no obstacle")
	}
	is, err := secrets.Get(t.Context(), "train-token", metav1.GetOptions{})
	if err != nil || string(is.Data["token"]) != "theirs" {
		t.Errorf("the Secret is %q, %v", is.Data, err)
	}
	if _, err := s.Orchestrator().FindSchedule(t.Context(), "train"); !errors.Is(err, pipeline.ErrNoSchedule) {
		t.Errorf("error %v, want %v: what was made of the schedule has to go", err, pipeline.ErrNoSchedule)
	}
}

func TestDeleteSchedule(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "@daily"})
	uid := s.cronJob(t, "train").UID
	s.await(t, s.Fire("train", sixOClock))
	run, err := s.Orchestrator().TriggerSchedule(t.Context(), "train")
	if err != nil {
		t.Fatal(err)
	}
	s.await(t, run)
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
