package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

const labelSchedule = "k8sorch.io/schedule"

var buildClock = sync.OnceValues(func() (string, error) { return build(".", "./testdata/clock") })

// schedule calls the program's command schedule and returns what it prints.
func (s *scene) schedule(t *testing.T, verb string, args ...string) string {
	t.Helper()
	args = append([]string{"schedule", verb, "--kubeconfig", s.kubeconfig, "--namespace", s.namespace}, args...)
	c := start(t, command{program: built(t, buildClock), args: args})
	if code := c.wait(t); code != cli.ExitSucceeded {
		t.Fatalf("schedule %s: exit code %d", verb, code)
	}
	return c.stdout.String()
}

// firings returns the Jobs that the CronJob controller has made so far, in the order of their times.
func (s *scene) firings(t *testing.T, schedule string) []*batchv1.Job {
	t.Helper()
	s.jobs.catchUp(t)
	jobs := s.jobs.last(func(job *batchv1.Job) bool { return firedAt(job, schedule) != 0 })
	slices.SortFunc(jobs, func(a, b *batchv1.Job) int { return int(firedAt(a, schedule) - firedAt(b, schedule)) })
	return jobs
}

// firedAt returns the minute of a firing by the name of its Job; 0 for another Job.
func firedAt(job *batchv1.Job, schedule string) int64 {
	minute, _ := strings.CutPrefix(job.Name, schedule+"-")
	n, err := strconv.ParseInt(minute, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// fired waits until there are so many firings, and the last of them has succeeded, which it returns.
func (s *scene) fired(t *testing.T, schedule string, n int) *batchv1.Job {
	t.Helper()
	s.jobs.until(t, fmt.Sprintf("schedule %s has fired %d times", schedule, n), func([]change[*batchv1.Job]) bool {
		return len(s.jobs.last(func(job *batchv1.Job) bool { return firedAt(job, schedule) != 0 })) >= n
	})
	return s.complete(t, s.firings(t, schedule)[n-1].Name)
}

// complete waits until a run has succeeded.
func (s *scene) complete(t *testing.T, run string) *batchv1.Job {
	t.Helper()
	return waitFor(t, s.client.BatchV1().Jobs(s.namespace), run, func(job *batchv1.Job) bool {
		if hasCondition(job, batchv1.JobFailed) {
			t.Fatalf("run %s has failed", run)
		}
		return hasCondition(job, batchv1.JobComplete)
	})
}

// said returns what the step of a run has written.
func (s *scene) said(t *testing.T, run string) string {
	t.Helper()
	pods := s.pods.last(func(pod *corev1.Pod) bool { return pod.Labels[labelRun] == run && isStep("say")(pod) })
	if len(pods) != 1 {
		t.Fatalf("run %s has %d step pods, want 1", run, len(pods))
	}
	text, err := s.logs(t.Context(), pods[0].Name, "main")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *scene) wantSaid(t *testing.T, run, want string) {
	t.Helper()
	s.catchUp(t)
	if got := s.said(t, run); !strings.HasPrefix(got, want+"\n") {
		t.Errorf("the step of run %s has written %q, want %q", run, got, want)
	}
}

func minuteOf(minute int64) string { return time.Unix(minute*60, 0).UTC().Format(time.RFC3339) }

// TestSchedule takes a schedule through its life: it fires on its minute, twice, is suspended, made again with other parameters,
// resumed, triggered, updated, backfilled and deleted.
func TestSchedule(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	before := whats(s.inventory(t))
	create := []string{"--registry", s.registry, "--cron", "* * * * *", "--successful-history-limit", "20"}
	wantText(t, s.schedule(t, "create", create...), "* * * * * in UTC")

	second := s.fired(t, "clock", 2)
	firings := s.firings(t, "clock")
	if one, two := firedAt(firings[0], "clock"), firedAt(firings[1], "clock"); two != one+1 {
		t.Errorf("the schedule has fired for the minutes %d and %d, want two that follow on each other", one, two)
	}
	for _, job := range firings[:2] {
		minute := firedAt(job, "clock")
		if made := job.CreationTimestamp.Unix() / 60; made != minute {
			t.Errorf("the run for minute %d was made in minute %d", minute, made)
		}
		s.complete(t, job.Name)
		s.wantSaid(t, job.Name, "tick for "+minuteOf(minute))
	}

	wantText(t, s.schedule(t, "suspend", "clock"), "Suspended          yes")
	wantText(t, s.schedule(t, "get", "clock"), "Suspended          yes")
	wantText(t, s.schedule(t, "list"), "clock  * * * * *  UTC        yes")
	wantText(t, s.schedule(t, "render", create...), "kind: CronJob")
	suspended := len(s.firings(t, "clock"))
	s.schedule(t, "trigger", "clock", "--wait")
	run := strings.TrimSpace(s.schedule(t, "trigger", "clock"))
	s.complete(t, run)
	s.wantSaid(t, run, "tick for no time")
	wantText(t, s.schedule(t, "create", append(create, "--word", "tock")...), "Suspended          yes")
	time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(70 * time.Second))) // nothing tells that nothing has fired
	if got := len(s.firings(t, "clock")); got != suspended {
		t.Errorf("there are %d firings, %d of them of a suspended schedule", got, got-suspended)
	}
	wantText(t, s.schedule(t, "resume", "clock"), "Suspended          no")
	resumed := s.fired(t, "clock", suspended+1)
	s.wantSaid(t, resumed.Name, "tock for "+minuteOf(firedAt(resumed, "clock")))
	s.wantSaid(t, second.Name, "tick for "+minuteOf(firedAt(second, "clock")))

	wantText(t, s.schedule(t, "update", "clock", "--cron", "30 2 * * *", "--time-zone", "Europe/Zurich"), "30 2 * * * in Europe/Zurich")
	s.backfill(t)
	s.deleteSchedule(t, before)
}

// backfill makes up for three firings, twice.
func (s *scene) backfill(t *testing.T) {
	t.Helper()
	for _, made := range []bool{true, false} {
		var runs []pipeline.BackfilledRun
		shown := s.schedule(t, "backfill", "clock", "--from", "2026-01-01", "--to", "2026-01-04", "-o", "json")
		if err := json.Unmarshal([]byte(shown), &runs); err != nil {
			t.Fatal(err)
		}
		if len(runs) != 3 {
			t.Fatalf("%d runs are backfilled, want 3:\n%s", len(runs), shown)
		}
		for i, r := range runs {
			day := time.Date(2026, 1, 1+i, 1, 30, 0, 0, time.UTC)
			if r.Made != made || r.Outcome != pipeline.Succeeded || !r.Scheduled.Equal(day) {
				t.Errorf("backfilled %+v, want a run for %s, made: %t", r, day, made)
			}
			s.wantSaid(t, r.Run, "tock for "+day.Format(time.RFC3339))
		}
	}
}

// deleteSchedule deletes the schedule, after which nothing is left of it and its runs.
func (s *scene) deleteSchedule(t *testing.T, before []string) {
	t.Helper()
	s.schedule(t, "delete", "clock")
	s.untilGone(t)
	s.records.untilGone(t, "the plans of the schedule", func(cm *corev1.ConfigMap) bool { return cm.Labels[labelSchedule] != "" })
	want := slices.Sorted(slices.Values(append(before, accounts()...)))
	if diff := cmp.Diff(want, whats(s.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-want +got):\n%s", diff)
	}
}

// TestScheduleCatchesUp has the controller manager away while a schedule is to fire: there is one run for that time. All tests that
// make Jobs suffer, so this one is not parallel with any other.
func TestScheduleCatchesUp(t *testing.T) {
	requireParts(t)
	if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("it takes two minutes; set K8SORCH_E2E_FULL")
	}
	s := newScene(t)
	at := time.Now().UTC().Truncate(time.Minute).Add(2 * time.Minute)
	s.schedule(t, "create", "--registry", s.registry, "--cron", fmt.Sprintf("%d %d * * *", at.Minute(), at.Hour()))
	time.Sleep(time.Until(at.Add(-20 * time.Second))) // so that the outage begins before the time and ends after it
	down(t, "kube-controller-manager", time.Minute)
	job := s.fired(t, "clock", 1)
	if job.CreationTimestamp.Before(new(metav1.NewTime(at.Add(30 * time.Second)))) {
		t.Errorf("the run was made at %s, before the end of the outage", job.CreationTimestamp)
	}
	s.wantSaid(t, job.Name, "tick for "+at.Format(time.RFC3339))
	if got := s.firings(t, "clock"); len(got) != 1 {
		t.Errorf("there are %d runs, want one", len(got))
	}
}
