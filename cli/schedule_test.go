package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"

	"github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// clock is a program on a fake cluster, whose pipeline fails when it is told to.
type clock struct {
	*k8sorchtest.Cluster
	pipeline *pipeline.Pipeline
	out, err bytes.Buffer
}

func newClock(t *testing.T) *clock {
	t.Helper()
	fail := pipeline.Param("fail", false)
	tick := pipeline.Func("tick", func(_ context.Context, fail bool) (int, error) {
		if fail {
			return 0, errHopeless
		}
		return 1, nil
	}, fail)
	p := pipeline.New("train").Step(tick)
	return &clock{Cluster: k8sorchtest.New(t, p), pipeline: p}
}

// call runs the command line, wants the exit code, and returns what was printed on standard output.
func (c *clock) call(t *testing.T, code int, args ...string) string {
	t.Helper()
	c.out.Reset()
	c.err.Reset()
	prog := newProgram(c.pipeline, With(pipeline.WithClientset(c.Clientset())))
	prog.name, prog.args = invocation{name: "train", command: "./train"}, append([]string{"schedule"}, args...)
	prog.stdout, prog.stderr, prog.screen = &c.out, &c.err, nil
	prog.getenv = func(string) string { return "" }
	if got := prog.main(c.Context(t.Context())); got != code {
		t.Fatalf("schedule %q: exit code %d, want %d; stderr:\n%s", args, got, code, &c.err)
	}
	return c.out.String()
}

func (c *clock) create(t *testing.T, args ...string) string {
	t.Helper()
	return c.call(t, ExitSucceeded, append([]string{"create", "--image", "example.com/train:1", "-n", k8sorchtest.Namespace}, args...)...)
}

func wantLines(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains(text, line) {
			t.Errorf("there is no %q in:\n%s", line, text)
		}
	}
}

func TestScheduleCreateShowsTheSchedule(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	shown := c.create(t, "--suffix", "nightly", "--cron", "30 1,2 * * *", "--time-zone", "America/New_York", "--starting-deadline", "90m", "--failed-history-limit", "5")
	wantLines(t, shown,
		"Name               train-nightly\n", "Fires              30 1,2 * * * in America/New_York\n", "Suspended          no\n",
		"Concurrency        Forbid\n", "Starting deadline  1h30m0s\n", "Runs kept          3 that succeeded, 5 that did not\n",
		"Image              example.com/train:1\n", "Last fired         never\n", "Next firings       ", "Warning: there is no 02:30 on Sunday", "it fires twice\n",
	)
	if diff := cmp.Diff(shown, c.call(t, ExitSucceeded, "get", "train-nightly")); diff != "" {
		t.Errorf("get shows something else than create (-create +get):\n%s", diff)
	}
}

func TestScheduleInEveryFormat(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	var created, got pipeline.ScheduleStatus
	if err := json.Unmarshal([]byte(c.create(t, "--cron", "@daily", "-o", "json")), &created); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(c.call(t, ExitSucceeded, "get", "train", "-o", "yaml")), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(created, got); diff != "" || got.Schedule.Cron != "@daily" {
		t.Errorf("status of a schedule that fires %q (-json +yaml):\n%s", got.Schedule.Cron, diff)
	}
	var list []pipeline.ScheduleStatus
	if err := json.Unmarshal([]byte(c.call(t, ExitSucceeded, "list", "-o", "json")), &list); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]pipeline.ScheduleStatus{got}, list); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestScheduleList(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	wantLines(t, c.call(t, ExitSucceeded, "list"), "There is no schedule of pipeline train.\n")
	if got := c.call(t, ExitSucceeded, "list", "-o", "json"); got != "[]\n" {
		t.Errorf("no schedules are %q", got)
	}
	c.create(t, "--cron", "@daily")
	c.create(t, "--cron", "@hourly", "--suffix", "b", "--suspended")
	lines := strings.Split(c.call(t, ExitSucceeded, "list"), "\n")
	wantLines(t, lines[0], "NAME     CRON     TIME ZONE  SUSPENDED  ACTIVE  LAST FIRED  NEXT")
	wantLines(t, lines[1], "train    @daily   UTC        no         0       never       ", " 00:00 +00:00")
	wantLines(t, lines[2], "train-b  @hourly  UTC        yes        0       never       none")
}

func TestScheduleUpdateSuspendResume(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	c.create(t, "--cron", "@daily")
	wantLines(t, c.call(t, ExitSucceeded, "update", "train", "--cron", "0 7 * * *", "--time-zone", "Asia/Tokyo", "--concurrency-policy", "Replace"),
		"0 7 * * * in Asia/Tokyo", "Replace")
	wantLines(t, c.call(t, ExitSucceeded, "suspend", "train"), "Suspended          yes", "0 7 * * * in Asia/Tokyo")
	wantLines(t, c.call(t, ExitSucceeded, "resume", "train"), "Suspended          no", "07:00 +09:00")
}

func TestScheduleTriggerAndDelete(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	c.create(t, "--cron", "@daily")
	run := strings.TrimSpace(c.call(t, ExitSucceeded, "trigger", "train"))
	if got := c.Await(t.Context(), run); got != pipeline.Succeeded {
		t.Errorf("run %q ended as %q", run, got)
	}
	c.call(t, ExitSucceeded, "trigger", "train", "--wait")
	wantLines(t, c.err.String(), "tick  Succeeded")
	wantLines(t, c.call(t, ExitSucceeded, "trigger", "train", "--wait", "-o", "json"), `"outcome": "Succeeded"`)
	wantLines(t, c.call(t, ExitSucceeded, "delete", "train"), "Deleted schedule train.\n")
	c.call(t, ExitUsage, "get", "train")
	wantLines(t, c.err.String(), "Error: finding schedule train in namespace default: there is no such schedule\n")
}

func TestScheduleTriggerIsWaitedFor(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	c.create(t, "--cron", "@daily", "--fail")
	c.call(t, ExitFailed, "trigger", "train", "--wait")
	c.call(t, ExitUsage, "trigger", "train", "-o", "json")
	wantLines(t, c.err.String(), "give --wait as well")
	c.call(t, ExitUsage, "backfill", "train", "--from", "2025-03-02", "--to", "2025-03-01")
	wantLines(t, c.err.String(), "is no range")
}

func TestScheduleBackfill(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	c.create(t, "--cron", "0 6 * * *", "--time-zone", "Europe/Zurich")
	args := []string{"backfill", "train", "--from", "2025-03-01", "--to", "2025-03-02 06:00"}
	want := "RUN             SCHEDULED                    MADE  OUTCOME\n" +
		"train-29013420  Sat 2025-03-01 06:00 +01:00  %s   Succeeded\n" +
		"train-29014860  Sun 2025-03-02 06:00 +01:00  %s   Succeeded\n"
	if diff := cmp.Diff(strings.ReplaceAll(want, "%s", "yes"), c.call(t, ExitSucceeded, args...)); diff != "" {
		t.Errorf("first backfill (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, "%s", "no "), c.call(t, ExitSucceeded, args...)); diff != "" {
		t.Errorf("second backfill (-want +got):\n%s", diff)
	}
	var runs []pipeline.BackfilledRun
	if err := json.Unmarshal([]byte(c.call(t, ExitSucceeded, append(args, "-o", "json")...)), &runs); err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 || !runs[0].Scheduled.Equal(time.Date(2025, 3, 1, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("runs %+v", runs)
	}
	wantLines(t, c.call(t, ExitSucceeded, "backfill", "train", "--from", "2025-03-01", "--to", "2025-03-01"), "There is no firing in that range.\n")
}

func TestScheduleBackfillOfRunsThatFail(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	c.create(t, "--cron", "@daily", "--fail")
	shown := c.call(t, ExitFailed, "backfill", "train", "--from", "2025-03-01", "--to", "2025-03-02")
	wantLines(t, shown, "yes   Failed")
	wantLines(t, c.err.String(), "Error: not all runs have succeeded: train-29013120, train-29014560\n")
}

func TestScheduleRefusesMistakes(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"field 2, the hour, at column 3":                        {"create", "--image", "i", "--cron", "0 25 * * *"},
		"Schedule.Cron: reading cron expression \"\"":           {"create", "--image", "i"},
		"give a whole number, such as 3":                        {"create", "--successful-history-limit", "many"},
		"give a duration, such as 30m":                          {"create", "--starting-deadline", "soon"},
		"give true or false":                                    {"create", "--suspended=perhaps"},
		"there is nothing to do with argument \"train\"":        {"create", "train"},
		"get takes the name of one schedule":                    {"get"},
		"there is nothing to change":                            {"update", "train"},
		"delete takes the name of one schedule":                 {"delete", "a", "b"},
		"--from: \"yesterday\" is no time; give one such as":    {"backfill", "train", "--from", "yesterday", "--to", "2025-03-01"},
		"--to: \"\" is no time":                                 {"backfill", "train", "--from", "2025-03-01"},
		"give table or json or yaml":                            {"list", "-o", "text"},
		"there is nothing to do with argument \"fly\"; values ": {"fly"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c := newClock(t)
			c.call(t, ExitUsage, args...)
			wantLines(t, c.err.String(), want)
			for _, action := range c.Clientset().Actions() {
				if action.GetVerb() != "watch" {
					t.Errorf("%s of %s", action.GetVerb(), action.GetResource().Resource)
				}
			}
		})
	}
}

func TestScheduleRender(t *testing.T) {
	t.Parallel()
	c := newClock(t)
	wantLines(t, c.call(t, ExitSucceeded, "render", "--image", "example.com/train:1", "--cron", "@daily", "--suffix", "nightly", "--fail"),
		"kind: CronJob\n", "name: train-nightly\n", "schedule: '@daily'\n", "kind: ConfigMap\n")
	wantLines(t, c.call(t, ExitSucceeded, "list"), "There is no schedule of pipeline train.\n")
}

// TestSchedulesPageListsTheFlags keeps the page as the code is.
func TestSchedulesPageListsTheFlags(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/schedules.md")
	if err != nil {
		t.Fatal(err)
	}
	s := new(scheduleFlags)
	for _, set := range []*pflag.FlagSet{s.suffix(), s.timing(), s.suspension()} {
		set.VisitAll(func(f *pflag.Flag) { wantLines(t, string(page), "` | `--"+f.Name+"` | ") })
	}
	for field := range reflect.TypeFor[pipeline.Schedule]().Fields() {
		wantLines(t, string(page), "\n| `"+field.Name+"` | ")
	}
}
