package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

var errBroken = errors.New("the data is not clean")

// mendable is a pipeline whose second step fails until it is mended.
type mendable struct {
	rows     *pipeline.Parameter[int]
	load     *pipeline.Step[int]
	train    *pipeline.Step[int]
	pipeline *pipeline.Pipeline
	mended   atomic.Bool
	listener listener
}

func newMendable() *mendable {
	m := &mendable{rows: pipeline.Param("rows", 10)}
	m.load = pipeline.Func("load", increment, m.rows)
	m.train = pipeline.Func("train", func(_ context.Context, n int) (int, error) {
		if !m.mended.Load() {
			return 0, pipeline.Permanent(errBroken)
		}
		return 2 * n, nil
	}, m.load)
	m.pipeline = m.listener.on(pipeline.New("mend").Step(pipeline.Func("report", increment, m.train)))
	return m
}

// fail makes a run that fails.
func (m *mendable) fail(t *testing.T, c *k8sorchtest.Cluster, opts ...pipeline.RunOption) *pipeline.Run {
	t.Helper()
	run, err := c.Run(t.Context(), m.pipeline, opts...)
	if run == nil || run.Outcome != pipeline.Failed {
		t.Fatalf("run %+v, %v, want it to fail", run, err)
	}
	return run
}

// retry retries a run and waits for its end.
func retry(t *testing.T, c *k8sorchtest.Cluster, p *pipeline.Pipeline, run string, opts ...pipeline.RunOption) (*pipeline.Run, error) {
	t.Helper()
	h, err := c.Orchestrator().Retry(c.Context(t.Context()), p, run, opts...)
	if err != nil {
		return nil, err
	}
	return h.Wait(t.Context())
}

// jobs returns the names of the Jobs on the cluster.
func jobs(t *testing.T, c *k8sorchtest.Cluster) (names []string) {
	t.Helper()
	list, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range list.Items {
		names = append(names, job.Name)
	}
	return names
}

func TestRetryRunsWhatDidNotSucceed(t *testing.T) {
	t.Parallel()
	m := newMendable()
	c := k8sorchtest.New(t, m.pipeline)
	failed := m.fail(t, c, m.rows.Set(20))
	m.mended.Store(true)
	run, err := retry(t, c, m.pipeline, failed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.train.Result(t.Context(), run); err != nil || got != 42 || run.ID != failed.ID {
		t.Errorf("run %s has the result %d, %v; want 42 of run %s", run.ID, got, err, failed.ID)
	}
	// Hooks start in any order.
	started := strings.NewReplacer("clean alarm", "alarm clean", "clean celebrate", "celebrate clean").Replace(strings.Join(c.Started(), " "))
	if diff := cmp.Diff("load train alarm clean train report celebrate clean", started); diff != "" {
		t.Errorf("started (-want +got):\n%s", diff)
	}
	if step, _ := run.Step("train"); step.Attempts != 2 {
		t.Errorf("the step that was retried has had %d attempts, want 2: numbers are not given again", step.Attempts)
	}
	if diff := cmp.Diff([]string{failed.ID + "-2"}, jobs(t, c)); diff != "" {
		t.Errorf("Jobs (-want +got):\n%s", diff)
	}
}

func TestRetryRunsTheHooksAgain(t *testing.T) {
	t.Parallel()
	m := newMendable()
	c := k8sorchtest.New(t, m.pipeline)
	failed := m.fail(t, c)
	m.mended.Store(true)
	run, err := retry(t, c, m.pipeline, failed.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]pipeline.Outcome{"celebrate": pipeline.Succeeded, "clean": pipeline.Succeeded}
	if diff := cmp.Diff(want, hookOutcomes(run)); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
	var told []pipeline.Outcome
	for _, end := range m.listener.ends["clean"] {
		told = append(told, end.Outcome)
	}
	if diff := cmp.Diff([]pipeline.Outcome{pipeline.Failed, pipeline.Succeeded}, told); diff != "" {
		t.Errorf("outcomes that the hook was told of (-want +got):\n%s", diff)
	}
}

func TestRetryMayBeRepeated(t *testing.T) {
	t.Parallel()
	m := newMendable()
	c := k8sorchtest.New(t, m.pipeline)
	failed := m.fail(t, c)
	if run, err := retry(t, c, m.pipeline, failed.ID); err == nil || run.Outcome != pipeline.Failed {
		t.Fatalf("run %+v, %v, want it to fail again", run, err)
	}
	m.mended.Store(true)
	run, err := retry(t, c, m.pipeline, failed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if step, _ := run.Step("train"); step.Attempts != 3 {
		t.Errorf("the step has had %d attempts, want 3", step.Attempts)
	}
	if diff := cmp.Diff([]string{failed.ID + "-3"}, jobs(t, c)); diff != "" {
		t.Errorf("Jobs (-want +got):\n%s", diff)
	}
}

func TestRetriedRunIsOpenedAsOne(t *testing.T) {
	t.Parallel()
	m := newMendable()
	c := k8sorchtest.New(t, m.pipeline)
	failed := m.fail(t, c)
	m.mended.Store(true)
	if _, err := retry(t, c, m.pipeline, failed.ID); err != nil {
		t.Fatal(err)
	}
	h, err := c.Orchestrator().Open(c.Context(t.Context()), m.pipeline, failed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if run, err := h.Wait(t.Context()); err != nil || run.Outcome != pipeline.Succeeded || !run.Submitted.Equal(failed.Submitted) {
		t.Errorf("run %+v, %v, want the one that was submitted at %s, which has succeeded", run, err, failed.Submitted)
	}
}

func TestRetryOfARunThatWasStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		running := make(chan struct{}, 2)
		slow := pipeline.Func0("slow", func(ctx context.Context) (int, error) {
			running <- struct{}{}
			if pipeline.AttemptInfo(ctx).Attempt > 1 {
				return 1, nil
			}
			<-ctx.Done()
			return 0, ctx.Err()
		})
		p := pipeline.New("p").Step(pipeline.Func("after", increment, slow))
		c := k8sorchtest.New(t, p)
		o := c.Orchestrator()
		h, err := o.Submit(c.Context(t.Context()), p)
		if err != nil {
			t.Fatal(err)
		}
		<-running
		if _, err := o.Retry(c.Context(t.Context()), p, h.ID); !errors.Is(err, pipeline.ErrNotOver) {
			t.Errorf("retrying a run that goes on: %v, want %v", err, pipeline.ErrNotOver)
		}
		synctest.Wait()
		if err := h.Stop(t.Context(), "enough"); err != nil {
			t.Fatal(err)
		}
		if run, err := h.Wait(t.Context()); run.Outcome != pipeline.Stopped {
			t.Fatalf("the run ended as %s, %v", run.Outcome, err)
		}
		run, err := retry(t, c, p, h.ID)
		if err != nil || run.Outcome != pipeline.Succeeded {
			t.Errorf("the run ended as %s, %v, want it to have succeeded", run.Outcome, err)
		}
	})
}

func TestRetryRefuses(t *testing.T) {
	t.Parallel()
	m := newMendable()
	c := k8sorchtest.New(t, m.pipeline)
	failed := m.fail(t, c)
	changed := pipeline.New("mend").Step(pipeline.Func0("load", answerIs("text")))
	for name, tt := range map[string]struct {
		pipeline *pipeline.Pipeline
		run      string
		opts     []pipeline.RunOption
		want     string
	}{
		"unknown run":        {m.pipeline, "mend-7", nil, pipeline.ErrNoRun.Error()},
		"changed parameter":  {m.pipeline, failed.ID, []pipeline.RunOption{m.rows.Set(7)}, `parameter "rows" is 10 in this run and cannot be 7`},
		"unknown parameter":  {m.pipeline, failed.ID, []pipeline.RunOption{pipeline.SetText("cols", "1")}, "cols"},
		"changed graph":      {changed, failed.ID, nil, "has changed since run " + failed.ID},
		"another pipeline's": {pipeline.New("other").Step(pipeline.Func0("load", answerIs(1))), failed.ID, nil, `of pipeline "mend", not of "other"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.Orchestrator().Retry(c.Context(t.Context()), tt.pipeline, tt.run, tt.opts...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v does not say %q", err, tt.want)
			}
			if diff := cmp.Diff([]string{failed.ID}, jobs(t, c)); diff != "" {
				t.Errorf("Jobs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRetryOfARunThatSucceeded(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", answerIs(1)))
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Orchestrator().Retry(c.Context(t.Context()), p, run.ID); !errors.Is(err, pipeline.ErrNoFailure) {
		t.Errorf("error %v, want %v", err, pipeline.ErrNoFailure)
	}
}

// An orchestrator that cannot be kept up leaves attempts behind that go on. What they bring is not lost.
func TestRetryOfARunThatHasLostItsOrchestrator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(pipeline.Func("after", increment, slow)).
			Settings(pipeline.KubernetesOrchestratorSettings{OrchestratorJobBackoffLimit: new(0)})
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		synctest.Wait()
		c.KillOrchestrator()
		synctest.Wait()
		if _, err := c.Orchestrator().Retry(c.Context(t.Context()), p, h.ID); !errors.Is(err, pipeline.ErrNotOver) {
			t.Errorf("retrying a run of which a step still runs: %v, want %v", err, pipeline.ErrNotOver)
		}
		close(release)
		synctest.Wait()
		run, err := retry(t, c, p, h.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"slow", "after"}, c.Started()); diff != "" {
			t.Errorf("started (-want +got):\n%s", diff)
		}
		if step, _ := run.Step("slow"); step.Attempts != 1 {
			t.Errorf("the step has had %d attempts, want 1", step.Attempts)
		}
	})
}
