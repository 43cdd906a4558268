package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// lab is a cluster to run a series on, seen from inside.
type lab struct {
	options
	series series
	// state is the cluster's folder, and dir one for what is written here.
	state, dir string
	config     *rest.Config
	client     kubernetes.Interface
	log        *audit.Log
	// marks is how many requests were made to find them in the log.
	marks int
	began time.Time
	// used are the namespaces of runs that are still there, and steps is how many steps these have.
	used  []string
	steps int
}

func newLab(o options, s series) (*lab, error) {
	l := &lab{options: o, series: s, state: os.Getenv("K8SORCH_E2E_STATE"), dir: filepath.Dir(o.result), began: time.Now()}
	l.image = noImage
	var err error
	if l.config, err = clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG")); err != nil {
		return nil, err
	}
	if l.client, err = kubernetes.NewForConfig(fast(l.config, "bench")); err != nil {
		return nil, err
	}
	if l.log, err = audit.Open(filepath.Join(l.state, "logs", "audit.log")); err != nil {
		return nil, err
	}
	if s.Node {
		return l, nil
	}
	return l, playPod()
}

// noImage is an image that nothing pulls.
const noImage = "bench.example/none:1"

// fast returns the configuration of a client that speaks protobuf and is not throttled by itself.
func fast(config *rest.Config, agent string) *rest.Config {
	c := rest.CopyConfig(config)
	c.QPS, c.UserAgent = -1, agent
	c.ContentType = runtime.ContentTypeProtobuf
	c.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	return c
}

// run runs the cells of the series in turn, as often as there are rounds, after those that are not counted. It ends with the
// first that fails, and returns the results before that as well.
func (l *lab) run(ctx context.Context) ([]figures.Result, error) {
	defer l.log.Close()
	all := [][]figures.Cell{l.series.Warmup}
	for range l.series.Rounds {
		all = append(all, l.series.Cells)
	}
	var results []figures.Result
	for round, cells := range all {
		for _, c := range cells {
			result, err := l.try(ctx, c, round)
			if err != nil {
				return results, err
			}
			if round > 0 {
				results = append(results, result)
			}
		}
	}
	return results, nil
}

// trial bounds how long one run takes.
const trial = time.Hour

// try runs one cell in a namespace of its own, and says what came of it.
func (l *lab) try(ctx context.Context, c figures.Cell, round int) (figures.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, trial)
	defer cancel()
	r, err := l.newRun(ctx, c)
	if err != nil {
		return figures.Result{}, err
	}
	result, err := r.measure(ctx)
	if err != nil {
		return figures.Result{}, fmt.Errorf("%s, %s: %w", c.System, c.Shape, err)
	}
	result.Series, result.Cell, result.Round = l.series.Name, c, round
	l.sayResult(result)
	return result, nil
}

func (l *lab) sayResult(r figures.Result) {
	dispatch := ""
	if r.Dispatch != nil {
		dispatch = fmt.Sprintf("dispatch p50 %.1f p99 %.1f ms, ", r.Dispatch.P50, r.Dispatch.P99)
	}
	say("  %6.0fs  round %d  %-16s %-20s %s%.1f steps/s, %.1f s", time.Since(l.began).Seconds(), r.Round, r.System, r.Shape, dispatch, r.StepsPerSecond, r.Seconds)
}

// makeNamespace makes a namespace in which pods can be made.
func (l *lab) makeNamespace(ctx context.Context) (string, error) {
	ns, err := l.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	l.used = append(l.used, ns.Name)
	err = wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
		_, err := l.client.CoreV1().ServiceAccounts(ns.Name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, ignoreNotFound(err)
	})
	if err != nil {
		return "", fmt.Errorf("waiting for the default service account: %w", err)
	}
	return ns.Name, nil
}

// often is how often it is asked whether what is waited for is there.
const often = 50 * time.Millisecond

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// crowd is how many steps may have left their pods in the cluster. When 12,500 pods have ended the controller manager begins to
// delete them (--terminated-pod-gc-threshold).
const crowd = 8000

// makeRoom waits until the controllers are at rest, and before that deletes the namespaces of earlier runs, but only where
// there would be too many steps: it takes longer than most runs, and these do not see each other.
func (l *lab) makeRoom(ctx context.Context, steps int) error {
	if len(l.used) == 0 {
		return nil
	}
	if l.steps+steps > crowd {
		if err := l.deleteNamespaces(ctx); err != nil {
			return err
		}
	}
	return l.rest(ctx)
}

// deleteNamespaces deletes those of earlier runs and waits until nothing of them is left.
func (l *lab) deleteNamespaces(ctx context.Context) error {
	namespaces := l.client.CoreV1().Namespaces()
	for _, name := range l.used {
		if err := namespaces.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			return err
		}
	}
	for _, name := range l.used {
		err := wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
			_, err := namespaces.Get(ctx, name, metav1.GetOptions{})
			return apierrors.IsNotFound(err), ignoreNotFound(err)
		})
		if err != nil {
			return fmt.Errorf("waiting for the end of namespace %s: %w", name, err)
		}
	}
	l.used, l.steps = nil, 0
	return nil
}

// rest waits for a second in which the controllers ask for nothing.
func (l *lab) rest(ctx context.Context) error {
	for range 60 {
		if _, err := l.requests(ctx); err != nil {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
		requests, err := l.requests(ctx)
		if err != nil {
			return err
		}
		if !busy(requests) {
			return nil
		}
	}
	return errors.New("the controllers do not come to rest")
}

// busy tells whether a controller has asked for objects.
func busy(requests []audit.Request) bool {
	for _, r := range requests {
		if strings.HasPrefix(r.User, "system:serviceaccount:kube-system:") && r.Namespace != "" && r.Verb != "watch" {
			return true
		}
	}
	return false
}

// requests returns everything that was answered since the last call.
func (l *lab) requests(ctx context.Context) ([]audit.Request, error) {
	l.marks++
	mark := fmt.Sprintf("mark-%d", l.marks)
	if _, err := l.client.CoreV1().ConfigMaps("default").Get(ctx, mark, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("asking for what is not there: %w", err)
	}
	return l.log.Until(ctx, func(r audit.Request) bool { return r.Name == mark && r.Code == http.StatusNotFound })
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
