package pipeline_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

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
