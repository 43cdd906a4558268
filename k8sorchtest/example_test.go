package k8sorchtest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// train is the pipeline of the examples: what load reads is not there in a test.
type train struct {
	rows  *pipeline.Parameter[int]
	load  *pipeline.Step[[]float64]
	model *pipeline.Step[float64]
	*pipeline.Pipeline
}

func newTrain() train {
	t := train{rows: pipeline.Param("rows", 1000)}
	t.load = pipeline.Func("load", func(context.Context, int) ([]float64, error) { return nil, errors.New("no warehouse") }, t.rows)
	t.model = pipeline.Func("train", func(_ context.Context, data []float64) (float64, error) { return slices.Max(data), nil }, t.load).
		Retry(pipeline.Retry{MaxRetries: 2, Delay: time.Millisecond})
	t.Pipeline = pipeline.New("train").Step(t.model)
	return t
}

func ExampleCluster_Replace() {
	t := newT() // In a test it is the *testing.T.
	defer t.end()
	p := newTrain()
	c := k8sorchtest.New(t, p.Pipeline)
	c.Replace("load", func(_ context.Context, rows int) ([]float64, error) { return []float64{1, 4, float64(rows)}, nil })
	run, err := c.Run(t.Context(), p.Pipeline, p.rows.Set(3))
	if err != nil {
		t.Fatalf("running: %v", err)
	}
	model, err := p.model.Result(t.Context(), run)
	fmt.Println(model, err)
	// Output: 4 <nil>
}

func ExampleReturn() {
	t := newT()
	defer t.end()
	p := newTrain()
	c := k8sorchtest.New(t, p.Pipeline)
	k8sorchtest.Return(c, p.load, []float64{1, 2, 3})
	run, err := c.Run(t.Context(), p.Pipeline)
	fmt.Println(run.Outcome, err, c.Started())
	// Output: Succeeded <nil> [load train]
}

func ExampleCluster_Evict() {
	t := newT()
	defer t.end()
	p := newTrain()
	c := k8sorchtest.New(t, p.Pipeline)
	k8sorchtest.Return(c, p.load, []float64{1, 2, 3})
	c.Replace("train", func(ctx context.Context) (float64, error) {
		if pipeline.AttemptInfo(ctx).Attempt == 1 {
			c.Evict("train")
			<-ctx.Done()
			return 0, context.Cause(ctx)
		}
		return 7, nil
	})
	run, err := c.Run(t.Context(), p.Pipeline)
	step, _ := run.Step("train")
	fmt.Println(step.Outcome, err, "after", step.Attempts, "attempts")
	// Output: Succeeded <nil> after 2 attempts
}

func ExampleCluster_MakeUnschedulable() {
	t := newT()
	defer t.end()
	p := newTrain()
	c := k8sorchtest.New(t, p.Pipeline)
	c.MakeUnschedulable("load", k8sorchtest.Always)
	run, err := c.Run(t.Context(), p.Pipeline, pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{
		PodStartupTimeout: new(1), PodFailureMaxRetries: new(0),
	}))
	step, _ := run.Step("load")
	fmt.Println(err != nil, step.Outcome, step.Reason)
	// Output: true NotStarted StartupTimeout
}

func ExampleCluster_FailCalls() {
	t := newT()
	defer t.end()
	p := newTrain()
	c := k8sorchtest.New(t, p.Pipeline)
	k8sorchtest.Return(c, p.load, []float64{1, 2, 3})
	c.FailCalls("create", "pods", 2, apierrors.NewInternalError(errors.New("etcd has no leader")))
	run, err := c.Run(t.Context(), p.Pipeline)
	fmt.Println(run.Outcome, err)
	// Output: Succeeded <nil>
}

func ExampleCluster_Pods() {
	t := newT()
	defer t.end()
	p := newTrain()
	c := k8sorchtest.New(t, p.Pipeline)
	k8sorchtest.Return(c, p.load, []float64{1, 2, 3})
	if _, err := c.Run(t.Context(), p.Pipeline); err != nil {
		t.Fatalf("running: %v", err)
	}
	pod := c.Pods("train")[0]
	fmt.Println(pod.Spec.RestartPolicy, *pod.Spec.SecurityContext.RunAsNonRoot)
	fmt.Println(*c.Jobs()[0].Spec.BackoffLimit)
	// Output:
	// Never true
	// 3
}

// exampleT is what examples have in the place of a *testing.T.
type exampleT struct {
	ctx     context.Context
	cancel  func()
	cleanup []func()
}

func newT() *exampleT {
	t := &exampleT{}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// end is what the testing package does when a test has ended.
func (t *exampleT) end() {
	t.cancel()
	for _, fn := range slices.Backward(t.cleanup) {
		fn()
	}
}

func (t *exampleT) Context() context.Context { return t.ctx }

func (t *exampleT) Cleanup(fn func()) { t.cleanup = append(t.cleanup, fn) }

func (t *exampleT) Helper() {}

func (t *exampleT) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (t *exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
