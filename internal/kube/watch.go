package kube

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"github.com/org/k8sorch/internal/engine"
)

// watchPauses lie between attempts to watch while the API server is out of reach: short enough to go on within five
// seconds of its return, where the default of client-go is up to a minute.
func watchPauses() *wait.Backoff {
	return &wait.Backoff{Duration: 200 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 10, Cap: 3 * time.Second}
}

// Watch implements [engine.Cluster]. It makes two watches, of the run's pods and of its records, which take up again by
// themselves whatever becomes of the connection. It fails only when ctx ends or the account lacks the right to watch.
func (c *Cluster) Watch(ctx context.Context, changed func(step string)) error {
	denied := make(chan error, 2)
	_, err := beginWatches(ctx, c.ref, c.watches(changed, &outage{logger: c.logger, denied: denied, tell: c.outage}), denied)
	return err
}

// oneWatch is a watch and the sign that it has given a complete view.
type oneWatch struct {
	reflector *cache.Reflector
	synced    <-chan struct{}
}

// mirrored is a watch that keeps what it sees in a store.
func mirrored(client kubernetes.Interface, ref Ref, kind runtime.Object, store *wakingStore, lw *cache.ListWatch) oneWatch {
	return oneWatch{synced: store.synced, reflector: cache.NewReflectorWithOptions(
		cache.ToListWatcherWithWatchListSemantics(lw, client), kind, store,
		cache.ReflectorOptions{Name: "run " + ref.Run, Logger: new(klog.Logger), Backoff: watchPauses()},
	)}
}

// beginWatches runs watches until stop is called or ctx ends, and returns when each has given a complete view. After an error
// none runs any more.
func beginWatches(ctx context.Context, ref Ref, watches []oneWatch, denied <-chan error) (stop func(), err error) {
	// What client-go has to say is said by outage, once.
	watching, cancel := context.WithCancel(klog.NewContext(ctx, klog.Logger{}))
	var reflectors sync.WaitGroup
	for _, w := range watches {
		reflectors.Go(func() { w.reflector.RunWithContext(watching) })
	}
	stop = func() {
		cancel()
		reflectors.Wait()
	}
	if err := awaitViews(ctx, ref, watches, denied); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// awaitViews waits for the first complete view of each watch, or until the account was refused for too long.
func awaitViews(ctx context.Context, ref Ref, watches []oneWatch, denied <-chan error) error {
	passing := briefly()
	for _, w := range watches {
		for complete := false; !complete; {
			select {
			case <-w.synced:
				complete = true
			case <-ctx.Done():
				return fmt.Errorf("watching run %s: %w", ref.Run, context.Cause(ctx))
			case err := <-denied:
				if !passing(err) {
					return explain("watching run "+ref.Run, ref.Namespace, err)
				}
			}
		}
	}
	return nil
}

func (c *Cluster) watches(changed func(step string), out *outage) []oneWatch {
	pods := c.client.CoreV1().Pods(c.ref.Namespace)
	records := c.client.CoreV1().ConfigMaps(c.ref.Namespace)
	ofRun := LabelRun + "=" + c.ref.Run + ","
	return []oneWatch{
		{
			synced: c.pods.begin(changed),
			reflector: c.reflect(&corev1.Pod{}, c.pods, &cache.ListWatch{
				ListWithContextFunc:  lister(out, ofRun+LabelStep, pods.List),
				WatchFuncWithContext: watcher(out, ofRun+LabelStep, pods.Watch),
			}),
		}, {
			synced: c.records.begin(changed),
			reflector: c.reflect(&corev1.ConfigMap{}, c.records, &cache.ListWatch{
				ListWithContextFunc:  lister(out, ofRun+recordSelector, records.List),
				WatchFuncWithContext: watcher(out, ofRun+recordSelector, records.Watch),
			}),
		},
	}
}

const recordSelector = LabelRecord + " in (" + RecordResult + "," + RecordAttempt + "," + RecordStop + ")"

func (c *Cluster) reflect(kind runtime.Object, store cache.ReflectorStore, lw *cache.ListWatch) *cache.Reflector {
	return cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(lw, c.client), kind, store, cache.ReflectorOptions{
		Name: "run " + c.ref.Run, Logger: new(klog.Logger), ResyncPeriod: c.plan.Kubernetes.Resync, Backoff: watchPauses(),
	})
}

// lister makes the list of a watch. It is a consistent read always: a reflector begins with whatever the API server has
// cached, which may be older than the records of an orchestrator that was here before.
func lister[L runtime.Object](out *outage, selector string, list func(context.Context, metav1.ListOptions) (L, error)) cache.ListWithContextFunc {
	return func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		options.LabelSelector = selector
		if options.ResourceVersion == "0" {
			options.ResourceVersion = ""
		}
		l, err := list(ctx, options)
		out.note(ctx, err)
		return l, err
	}
}

func watcher(out *outage, selector string, watch func(context.Context, metav1.ListOptions) (apiwatch.Interface, error)) cache.WatchFuncWithContext {
	return func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
		options.LabelSelector = selector
		w, err := watch(ctx, options)
		out.note(ctx, err)
		return w, err
	}
}

// View implements [engine.Cluster].
func (c *Cluster) View(step string) engine.Observation {
	var o engine.Observation
	for _, r := range c.records.of(step) {
		if r.means.result != nil {
			o.Result = r.means.result
		} else {
			o.Closed = append(o.Closed, *r.means.closed)
		}
	}
	for _, p := range c.pods.of(step) {
		p.means.Deleting = p.means.Deleting || p.leaving
		o.Sightings = append(o.Sightings, p.means)
	}
	inOrder(&o)
	return o
}
