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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
	look     *pipeline.Step[int]

	mu    sync.Mutex
	calls []fired
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{rows: pipeline.Param("rows", 1)}
	s.look = pipeline.Func("look", func(ctx context.Context, rows int) (int, error) {
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
	s.pipeline = pipeline.New("train").Step(s.look)
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
