package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/internal/kubelet"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/reexec"
)

// run is one trial of one cell: a run of its graph, or several at once.
type run struct {
	*lab
	figures.Cell
	// shape is the graph of each run, and all that of all of them.
	shape, all shape.Shape
	namespace  string
	// ids are those of the runs, where they were submitted.
	ids []string
	// orchestrators is where the kubelet brings the runs' orchestrator pods.
	orchestrators chan *corev1.Pod
	kubelet       *kubelet.Kubelet
	// begun is when the functions of the steps began, as their records say, on a real node.
	begun map[string]time.Time
	// lists is how long it took to list what there was of the run when its orchestrator was killed, pods and records at once.
	lists time.Duration
	// half is closed when half of the steps have ended, and late when nearly all have.
	half, late chan struct{}
	failed     context.CancelCauseFunc
}

func (l *lab) newRun(ctx context.Context, c figures.Cell) (*run, error) {
	s, all, err := graphs(c)
	if err != nil {
		return nil, err
	}
	namespace, err := l.makeNamespace(ctx)
	return &run{
		lab: l, Cell: c, shape: s, all: all, namespace: namespace,
		orchestrators: make(chan *corev1.Pod, max(c.AtOnce, 1)), half: make(chan struct{}), late: make(chan struct{}),
	}, err
}

// graphs returns the graph of each run of a cell, and that of all of them.
func graphs(c figures.Cell) (each, all shape.Shape, err error) {
	each, err = shape.Parse(c.Shape)
	if err == nil && c.AtOnce > 0 {
		return each, each.Copies(c.AtOnce), nil
	}
	return each, each, err
}

// measure has the system run the graph and returns what that gave. Where the kubelet fails, the orchestrator is killed: the error
// says why.
func (r *run) measure(ctx context.Context) (figures.Result, error) {
	ctx, r.failed = context.WithCancelCause(ctx)
	defer r.failed(nil)
	result, err := r.observe(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
		err = errors.Join(cause, err)
	}
	return result, err
}

// observe is [run.measure] until ctx ends.
func (r *run) observe(ctx context.Context) (figures.Result, error) {
	if !r.Series.Node {
		if err := r.startKubelet(ctx); err != nil {
			return figures.Result{}, err
		}
	}
	start, err := r.prepare(ctx)
	if err != nil {
		return figures.Result{}, err
	}
	if _, err := r.requests(ctx); err != nil {
		return figures.Result{}, err
	}
	before, err := r.usages()
	if err != nil {
		return figures.Result{}, err
	}
	processes, err := start(ctx)
	if err != nil {
		return figures.Result{}, err
	}
	if r.Series.Node && !r.OfJobs() {
		if r.begun, err = r.beginnings(ctx, r.ids[0]); err != nil {
			return figures.Result{}, err
		}
	}
	after, err := r.usages()
	if err != nil {
		return figures.Result{}, err
	}
	requests, err := r.requests(ctx)
	if err != nil {
		return figures.Result{}, err
	}
	return r.result(requests, processes, before, after)
}

// startKubelet runs the pods of the namespace until ctx ends.
func (r *run) startKubelet(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(fast(r.config, "simulated-kubelet"))
	if err != nil {
		return err
	}
	all := len(r.all.Steps)
	r.kubelet = &kubelet.Kubelet{
		Client: client, Namespace: r.namespace, Scheduled: r.Series.Scheduler, Steps: r.shape.Named(),
		Orchestrator: func(pod *corev1.Pod) { r.orchestrators <- pod },
		Failed:       r.failed,
		Ended: func(n int) {
			if n == (all+1)/2 {
				close(r.half)
			}
			if n == all*9/10 {
				close(r.late)
			}
		},
	}
	return r.kubelet.Run(ctx)
}

// settle is how long the controllers have to become quiet after the run was submitted.
const settle = 2 * time.Second

// prepare makes everything ready, and returns what begins to run the graph and waits until that is over.
func (r *run) prepare(ctx context.Context) (start func(context.Context) ([]process, error), err error) {
	if r.OfJobs() {
		return r.prepareJobs(ctx)
	}
	if r.Series.Node && r.System == figures.K8sorch {
		return r.submitAndWait, r.makeRightless(ctx)
	}
	pods, err := r.submitAll(ctx)
	if err != nil {
		return nil, err
	}
	if r.System == figures.K8sorch {
		if err := r.furnish(ctx); err != nil {
			return nil, err
		}
	}
	var commands []command
	for _, pod := range pods {
		command, err := r.orchestratorOf(ctx, pod)
		if err != nil {
			return nil, err
		}
		commands = append(commands, command)
	}
	return func(ctx context.Context) ([]process, error) { return r.driveAll(ctx, commands) }, sleep(ctx, settle)
}

// submitAll submits the runs and returns the pods of their orchestrators.
func (r *run) submitAll(ctx context.Context) (pods []*corev1.Pod, err error) {
	for range cap(r.orchestrators) {
		if err := r.submit(ctx); err != nil {
			return nil, err
		}
		pod, err := r.awaitOrchestrator(ctx)
		if err != nil {
			return nil, err
		}
		pods = append(pods, pod)
	}
	return pods, nil
}

// awaitOrchestrator returns the pod of the orchestrator of the run that was submitted last.
func (r *run) awaitOrchestrator(ctx context.Context) (*corev1.Pod, error) {
	if r.Series.Node {
		return r.heldOrchestrator(ctx)
	}
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case pod := <-r.orchestrators:
		return pod, nil
	}
}

// orchestratorOf returns the process that is to be in the place of an orchestrator's pod.
func (r *run) orchestratorOf(ctx context.Context, pod *corev1.Pod) (command, error) {
	role, err := kubelet.Role(pod)
	if err != nil {
		return nil, err
	}
	dir, err := r.mountPlan(ctx, role)
	if err != nil {
		return nil, err
	}
	env := append(environment(pod), reexec.EnvDir+"="+dir, reexec.EnvReport+"="+filepath.Join(dir, "termination-log"))
	if r.System == figures.Floor {
		return r.standInCommand(ctx, env)
	}
	return r.podCommand(pod, env)
}
