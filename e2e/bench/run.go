package main

import (
	"context"
	"os/exec"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/internal/kubelet"
	"github.com/org/k8sorch/e2e/bench/shape"
)

// run is one run of one cell.
type run struct {
	*lab
	figures.Cell
	shape     shape.Shape
	namespace string
	// id is the run's, where it was submitted.
	id string
	// orchestrator is where the kubelet brings the run's orchestrator pod.
	orchestrator chan *corev1.Pod
	kubelet      *kubelet.Kubelet
	// lists is how long it took to list what there was of the run when its orchestrator was killed, pods and records at once.
	lists time.Duration
	// half is closed when half of the steps have ended, and late when nearly all have.
	half, late chan struct{}
	failed     context.CancelCauseFunc
}

func (l *lab) newRun(ctx context.Context, c figures.Cell) (*run, error) {
	s, err := shape.Parse(c.Shape)
	if err != nil {
		return nil, err
	}
	if err := l.makeRoom(ctx, len(s.Steps)); err != nil {
		return nil, err
	}
	l.steps += len(s.Steps)
	namespace, err := l.makeNamespace(ctx)
	return &run{
		lab: l, Cell: c, shape: s, namespace: namespace,
		orchestrator: make(chan *corev1.Pod, 1), half: make(chan struct{}), late: make(chan struct{}),
	}, err
}

// measure has the system run the graph and returns what that gave.
func (r *run) measure(ctx context.Context) (figures.Result, error) {
	ctx, r.failed = context.WithCancelCause(ctx)
	defer r.failed(nil)
	if !r.series.Node {
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
	all := len(r.shape.Steps)
	r.kubelet = &kubelet.Kubelet{
		Client: client, Namespace: r.namespace, Scheduled: r.series.Scheduler, Steps: r.shape.Named(),
		Orchestrator: func(pod *corev1.Pod) { r.orchestrator <- pod },
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
	if r.series.Node {
		return r.submitAndWait, r.makeRightless(ctx)
	}
	if err := r.submit(ctx); err != nil {
		return nil, err
	}
	var pod *corev1.Pod
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case pod = <-r.orchestrator:
	}
	role, err := kubelet.Role(pod)
	if err != nil {
		return nil, err
	}
	if r.kubelet.Plan, err = r.furnish(ctx, role); err != nil {
		return nil, err
	}
	command := func(ctx context.Context) (*exec.Cmd, error) { return r.podCommand(ctx, pod) }
	if r.System == figures.Floor {
		if command, err = r.standInCommand(ctx, pod); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context) ([]process, error) { return r.drive(ctx, command) }, sleep(ctx, settle)
}
