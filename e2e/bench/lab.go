package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/internal/nodes"
)

// lab is a cluster to run a share of a series on, seen from inside.
type lab struct {
	options
	share
	// state is the cluster's folder, and dir one for what is written here.
	state, dir string
	config     *rest.Config
	client     kubernetes.Interface
	log        *audit.Log
	// marks is how many requests were made to find them in the log.
	marks int
	began time.Time
}

func newLab(o options, s share) (*lab, error) {
	l := &lab{options: o, share: s, state: os.Getenv("K8SORCH_E2E_STATE"), dir: filepath.Dir(o.result), began: time.Now()}
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
	if s.Series.Node {
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

// run runs what this cluster is there for. It ends with the first that fails, and returns the results before that as well.
func (l *lab) run(ctx context.Context) ([]figures.Result, error) {
	defer func() { _ = l.log.Close() }() // it was only read
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	if l.Series.Scheduler {
		if err := nodes.Start(ctx, l.client, fail); err != nil {
			return nil, err
		}
	}
	var results []figures.Result
	for i, t := range l.Turns {
		if i > 0 {
			if err := l.rest(ctx); err != nil {
				return results, err
			}
		}
		result, err := l.try(ctx, t.Cell, t.Round)
		if err != nil {
			return results, errors.Join(err, context.Cause(ctx))
		}
		if t.Round > 0 {
			results = append(results, result)
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
	result.Series, result.Round = l.Series.Name, round
	l.sayResult(result)
	return result, nil
}

func (l *lab) sayResult(r figures.Result) {
	dispatch := ""
	if r.Dispatch != nil {
		dispatch = fmt.Sprintf("dispatch p50 %.1f p99 %.1f ms, ", r.Dispatch.P50, r.Dispatch.P99)
	}
	sayf("  %6.0fs  round %d  %-16s %-20s %s%.1f steps/s, %.1f s",
		time.Since(l.began).Seconds(), r.Round, r.System, r.Shape, dispatch, r.StepsPerSecond, r.Seconds)
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
