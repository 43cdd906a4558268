package metrics_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
	"github.com/org/k8sorch/metrics"
)

// flaky succeeds at its second attempt.
func flaky(ctx context.Context) (int, error) {
	time.Sleep(3 * time.Second)
	if pipeline.AttemptInfo(ctx).Attempt == 1 {
		return 0, errors.New("once more")
	}
	return 1, nil
}

// broken fails when it has run for a while.
func broken(context.Context, int) (int, error) {
	time.Sleep(3 * time.Second)
	return 0, errors.New("no luck")
}

func observed(t *testing.T) (*metrics.Metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	m, err := metrics.New(registry)
	if err != nil {
		t.Fatal(err)
	}
	return m, registry
}

func expect(t *testing.T, registry *prometheus.Registry, want string, names ...string) {
	t.Helper()
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

func TestRunsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, registry := observed(t)
		var c *k8sorchtest.Cluster
		// How long a step takes to start can be told when it is seen before it runs: the next pod is late.
		late := func() { c.FailCalls("create", "pods", 1, apierrors.NewInternalError(errors.New("etcd has no leader"))) }
		load := pipeline.Func0("load", func(ctx context.Context) (int, error) {
			n, err := flaky(ctx)
			if err == nil {
				late()
			}
			return n, err
		}).Retry(pipeline.Retry{MaxRetries: 1})
		fit := pipeline.Func("fit", broken, load)
		p := pipeline.New("train").Step(pipeline.Func("report", func(context.Context, int) (int, error) { return 1, nil }, fit))
		c = k8sorchtest.New(t, p)
		o := c.Orchestrator(pipeline.WithEvents(m.Observe))
		for range 2 {
			late()
			if _, err := o.Run(c.Context(t.Context()), p); err == nil {
				t.Fatal("the run succeeded")
			}
		}
		expect(t, registry, `
# HELP k8sorch_attempts_total Attempts of steps that have ended, by outcome.
# TYPE k8sorch_attempts_total counter
k8sorch_attempts_total{outcome="Failed",pipeline="train",step="fit"} 2
k8sorch_attempts_total{outcome="Failed",pipeline="train",step="load"} 2
k8sorch_attempts_total{outcome="Succeeded",pipeline="train",step="load"} 2
# HELP k8sorch_retries_total Attempts of steps that were not the first.
# TYPE k8sorch_retries_total counter
k8sorch_retries_total{pipeline="train",step="load"} 2
# HELP k8sorch_runs_submitted_total Runs that were submitted.
# TYPE k8sorch_runs_submitted_total counter
k8sorch_runs_submitted_total{pipeline="train"} 2
# HELP k8sorch_runs_total Runs that have ended, by outcome.
# TYPE k8sorch_runs_total counter
k8sorch_runs_total{outcome="Failed",pipeline="train"} 2
# HELP k8sorch_steps_total Steps that have got their outcome, by outcome.
# TYPE k8sorch_steps_total counter
k8sorch_steps_total{outcome="Failed",pipeline="train",step="fit"} 2
k8sorch_steps_total{outcome="Skipped",pipeline="train",step="report"} 2
k8sorch_steps_total{outcome="Succeeded",pipeline="train",step="load"} 2
`, "k8sorch_attempts_total", "k8sorch_retries_total", "k8sorch_runs_submitted_total", "k8sorch_runs_total", "k8sorch_steps_total")
		checkCounts(t, registry)
	})
}

// checkCounts looks at how many durations were observed, and that no step is active.
func checkCounts(t *testing.T, registry *prometheus.Registry) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]uint64{}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			counts[f.GetName()] += metric.GetHistogram().GetSampleCount()
			if f.GetName() == "k8sorch_steps_active" && metric.GetGauge().GetValue() != 0 {
				t.Errorf("after the runs there are active steps: %s", metric)
			}
		}
	}
	if counts["k8sorch_run_duration_seconds"] != 2 || counts["k8sorch_attempt_duration_seconds"] != 6 || counts["k8sorch_step_start_seconds"] != 4 {
		t.Errorf("observed durations: %v", counts)
	}
}

// step is an event of a step of a run.
func step(run, state string, attempt int, second int) pipeline.Event {
	return pipeline.Event{
		Kind: pipeline.StepChanged, Run: run, Pipeline: "train", Step: "fit", State: state, Attempt: attempt,
		Time: time.Date(2026, 11, 25, 12, 0, second, 0, time.UTC),
	}
}

func TestActiveStepsAreThoseOfRunsThatAreWaitedFor(t *testing.T) {
	t.Parallel()
	m, registry := observed(t)
	for _, e := range []pipeline.Event{
		step("a", "Ready", 0, 0), step("a", "Running", 1, 3), step("b", "Pending", 0, 0), step("c", "Running", 1, 0),
		{Kind: pipeline.RunChanged, Run: "c", Pipeline: "train", State: "Left"},
		{Kind: pipeline.LogLine, Run: "a", Pipeline: "train", Step: "fit", Message: "a line"},
	} {
		m.Observe(e)
	}
	expect(t, registry, `
# HELP k8sorch_steps_active Steps without an outcome in runs that are waited for, by state.
# TYPE k8sorch_steps_active gauge
k8sorch_steps_active{pipeline="train",state="Pending",step="fit"} 1
k8sorch_steps_active{pipeline="train",state="Ready",step="fit"} 0
k8sorch_steps_active{pipeline="train",state="Running",step="fit"} 1
`, "k8sorch_steps_active")
}

func TestTimeToStartEndsWhenTheFirstAttemptRuns(t *testing.T) {
	t.Parallel()
	m, registry := observed(t)
	for _, e := range []pipeline.Event{
		step("a", "Pending", 0, 0), step("a", "Ready", 0, 10), step("a", "Ready", 0, 12), step("a", "Waiting", 1, 13), step("a", "Running", 1, 15),
		step("a", "Retrying", 1, 20), step("a", "Running", 2, 30),
	} {
		m.Observe(e)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if h := f.GetMetric()[0].GetHistogram(); f.GetName() == "k8sorch_step_start_seconds" && (h.GetSampleCount() != 1 || h.GetSampleSum() != 5) {
			t.Errorf("%d observations with a sum of %v s, want one of 5 s", h.GetSampleCount(), h.GetSampleSum())
		}
	}
}

func TestLabelsDoNotGrowWithRuns(t *testing.T) {
	t.Parallel()
	m, registry := observed(t)
	series := func() int {
		n, err := testutil.GatherAndCount(registry)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	play := func(run string) {
		m.Observe(step(run, "Running", 1, 0))
		m.Observe(step(run, "Done", 1, 1))
		m.Observe(pipeline.Event{Kind: pipeline.RunChanged, Run: run, Pipeline: "train", State: "Done", Outcome: pipeline.Succeeded})
	}
	play("first")
	before := series()
	for i := range 100 {
		play(strings.Repeat("r", i+1))
	}
	if after := series(); after != before {
		t.Errorf("%d series after one run, %d after a hundred more", before, after)
	}
}

var row = regexp.MustCompile("(?m)^\\| `(k8sorch_\\w+)` \\| (\\w+) \\| ([\\w, ]+) \\|$")

// TestPageListsTheMetrics keeps the table of docs/observability.md as the code is.
func TestPageListsTheMetrics(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		listed[m[1]] = m[2] + " " + m[3]
	}
	m, registry := observed(t)
	began := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, e := range []pipeline.Event{
		{Kind: pipeline.RunChanged, Run: "a", Pipeline: "p", State: "Submitted"}, step("a", "Ready", 0, 0), step("a", "Running", 1, 1), step("a", "Running", 2, 1),
		{Kind: pipeline.AttemptEnded, Run: "a", Pipeline: "p", Step: "fit", Outcome: pipeline.Failed, Started: began, Finished: began},
		step("a", "Done", 2, 2), {Kind: pipeline.RunChanged, Run: "a", Pipeline: "p", State: "Done", Outcome: pipeline.Failed},
	} {
		m.Observe(e)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	for _, f := range families {
		var labels []string
		for _, name := range []string{"pipeline", "step", "state", "outcome"} {
			for _, label := range f.GetMetric()[0].GetLabel() {
				if label.GetName() == name {
					labels = append(labels, name)
				}
			}
		}
		there[f.GetName()] = strings.ToLower(f.GetType().String()) + " " + strings.Join(labels, ", ")
	}
	if diff := cmp.Diff(there, listed); diff != "" {
		t.Errorf("metrics (-there +on the page):\n%s", diff)
	}
}

func TestRegistryHasTheMetricsOnce(t *testing.T) {
	t.Parallel()
	_, registry := observed(t)
	if _, err := metrics.New(registry); err == nil || !strings.Contains(err.Error(), "share one metrics.Metrics") {
		t.Errorf("error %v", err)
	}
	taken := prometheus.NewRegistry()
	taken.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "k8sorch_retries_total", Help: "Of somebody else."}))
	if _, err := metrics.New(taken); err == nil {
		t.Error("a metric of somebody else was taken for one of these")
	}
	if n, err := testutil.GatherAndCount(taken); err != nil || n != 1 {
		t.Errorf("what could not be registered whole has left %d metrics, %v", n-1, err)
	}
}

func TestCallsThatAreNotServedAreCounted(t *testing.T) {
	t.Parallel()
	m, registry := observed(t)
	for _, state := range []string{"Throttled", "Failed", "Throttled"} {
		m.Observe(pipeline.Event{Kind: pipeline.CallRepeated, State: state})
	}
	expect(t, registry, `
# HELP k8sorch_api_calls_repeated_total Calls to the API server that were not served, by reason: Throttled, when it asked for patience, or Failed.
# TYPE k8sorch_api_calls_repeated_total counter
k8sorch_api_calls_repeated_total{reason="Failed"} 1
k8sorch_api_calls_repeated_total{reason="Throttled"} 2
`, "k8sorch_api_calls_repeated_total")
}
