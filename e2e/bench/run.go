package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/internal/kubelet"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/kube"
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
	takes := map[string]time.Duration{}
	for _, s := range r.shape.Steps {
		takes[s.Name] = s.Takes
	}
	all := len(r.shape.Steps)
	r.kubelet = &kubelet.Kubelet{
		Client: client, Namespace: r.namespace,
		Takes:        func(step string) time.Duration { return takes[step] },
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

// submit submits the run, as users do.
func (r *run) submit(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, r.program, "-shape", r.Shape)
	cmd.Env = append(os.Environ(), "NAMESPACE="+r.namespace, "E2E_SETTINGS="+r.settings())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	r.id = strings.TrimSpace(string(out))
	if err != nil {
		return fmt.Errorf("submitting the run: %w", err)
	}
	return nil
}

const rightlessAccount = "bench-nobody"

func (r *run) settings() string {
	switch {
	case !r.series.Node:
		return "image: " + noImage
	case r.Rightless:
		return "step_pod_service_account_name: " + rightlessAccount
	}
	return ""
}

// makeRightless makes the account whose pods get no token.
func (r *run) makeRightless(ctx context.Context) error {
	_, err := r.client.CoreV1().ServiceAccounts(r.namespace).Create(ctx, &corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Name: rightlessAccount}, AutomountServiceAccountToken: new(false),
	}, metav1.CreateOptions{})
	return err
}

// prepareJobs makes ready what a stand-in needs whose steps are Jobs: an account that may make them.
func (r *run) prepareJobs(ctx context.Context) (start func(context.Context) ([]process, error), err error) {
	meta := metav1.ObjectMeta{Name: kube.OrchestratorAccount}
	if _, err := r.client.CoreV1().ServiceAccounts(r.namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	_, err = r.client.RbacV1().RoleBindings(r.namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: kube.EditRole},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: kube.OrchestratorAccount, Namespace: r.namespace}},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	command, err := r.standInCommand(ctx, nil)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]process, error) { return r.drive(ctx, command) }, sleep(ctx, settle)
}

// standInCommand is the process of a stand-in, which has what it knows of the run from its orchestrator's pod, if it has one.
func (r *run) standInCommand(ctx context.Context, pod *corev1.Pod) (func(context.Context) (*exec.Cmd, error), error) {
	kubeconfig, err := r.writeKubeconfig(ctx)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-standin", r.System, "-shape", r.Shape, "-kubeconfig", kubeconfig, "-namespace", r.namespace, "-image", r.image}
	return func(ctx context.Context) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, self, args...)
		if pod != nil {
			for name, value := range kubelet.Environment(pod) {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
		}
		return cmd, nil
	}, nil
}

// drive runs the orchestrator's process to its end; where the cell says so it is killed on the way, and started again.
func (r *run) drive(ctx context.Context, command func(context.Context) (*exec.Cmd, error)) ([]process, error) {
	if r.Kill {
		return r.driveTwice(ctx, command)
	}
	cmd, err := command(ctx)
	if err != nil {
		return nil, err
	}
	// One that ends with its first step would end before its profile is written.
	if r.profile != "" && r.System == figures.K8sorch && len(r.shape.Steps) > 1 {
		cmd.Env = append(cmd.Env, "BENCH_PROFILE="+filepath.Join(r.profile, r.profileName()))
		go r.stopProfile(ctx, cmd)
	}
	p, err := r.follow(ctx, cmd)
	return []process{p}, err
}

// driveTwice kills the orchestrator's process when half of the steps have ended, and starts another.
func (r *run) driveTwice(ctx context.Context, command func(context.Context) (*exec.Cmd, error)) ([]process, error) {
	// The end of its context kills a process.
	alive, kill := context.WithCancel(ctx)
	defer kill()
	go func() {
		select {
		case <-alive.Done():
		case <-r.half:
			kill()
		}
	}()
	cmd, err := command(alive)
	if err != nil {
		return nil, err
	}
	first, err := r.follow(alive, cmd)
	if err == nil || alive.Err() == nil || ctx.Err() != nil {
		return nil, errors.Join(errors.New("the orchestrator was not killed"), err, context.Cause(ctx))
	}
	if r.lists, err = r.list(ctx); err != nil {
		return nil, err
	}
	if cmd, err = command(ctx); err != nil {
		return nil, err
	}
	second, err := r.follow(ctx, cmd)
	return []process{first, second}, err
}

// list lists the run's pods and records, both at once, and returns how long that took.
func (r *run) list(ctx context.Context) (time.Duration, error) {
	began, core := time.Now(), r.client.CoreV1()
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		_, err := core.Pods(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: kube.LabelRun + "=" + r.id + "," + kube.LabelStep})
		return err
	})
	both.Go(func() error {
		_, err := core.ConfigMaps(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: kube.LabelRun + "=" + r.id + "," + kube.LabelRecord + "=" + kube.RecordResult})
		return err
	})
	err := both.Wait()
	return time.Since(began), err
}

func (r *run) profileName() string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(" ,:", c) {
			return '-'
		}
		return c
	}, r.series.Name+" "+r.Shape) + ".pprof"
}

// stopProfile has the profile written when nearly all steps have ended.
func (r *run) stopProfile(ctx context.Context, cmd *exec.Cmd) {
	select {
	case <-ctx.Done():
	case <-r.late:
		cmd.Process.Signal(syscall.SIGUSR1)
	}
}

// submitAndWait submits the run to a cluster with a node and waits for its end.
func (r *run) submitAndWait(ctx context.Context) ([]process, error) {
	if err := r.submit(ctx); err != nil {
		return nil, err
	}
	err := wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
		job, err := r.client.BatchV1().Jobs(r.namespace).Get(ctx, r.id, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, c := range job.Status.Conditions {
			if c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue {
				return false, fmt.Errorf("the run has failed: %s", c.Message)
			}
		}
		// It has the image that was made of the program, which the Jobs of stand-ins have as well.
		r.image = job.Spec.Template.Spec.Containers[0].Image
		return job.Status.Succeeded > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for the end of run %s: %w", r.id, err)
	}
	return nil, nil
}
