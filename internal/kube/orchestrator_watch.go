package kube

import (
	"context"

	"go.uber.org/zap"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/org/k8sorch/internal/reexec"
)

// WatchJob reports the state of the run's Job, at first and after each change, until ctx ends: then it returns ctx's
// error. Report is called by one goroutine at a time. Whatever becomes of the connection, the watch goes on; it only
// fails at the start, when the account lacks the right to watch.
func WatchJob(ctx context.Context, client kubernetes.Interface, ref Ref, report func(JobState)) error {
	w := newJobWatch(client, ref)
	return w.run(ctx, report, w.jobs())
}

// WatchOrchestrator is [WatchJob] for those who follow a run: the state includes the orchestrator's pod.
func WatchOrchestrator(ctx context.Context, client kubernetes.Interface, ref Ref, report func(JobState)) error {
	w := newJobWatch(client, ref)
	return w.run(ctx, report, w.jobs(), w.pods())
}

// jobWatch mirrors a run's Job, and perhaps its pods.
type jobWatch struct {
	client kubernetes.Interface
	ref    Ref
	out    *outage
	denied chan error
	// wake has room for one sign: however much has changed, the state is read once.
	wake               chan struct{}
	jobStore, podStore *wakingStore
}

func newJobWatch(client kubernetes.Interface, ref Ref) *jobWatch {
	denied, wake := make(chan error, 1), make(chan struct{}, 1)
	return &jobWatch{
		client: client, ref: ref, denied: denied, wake: wake,
		out:      &outage{logger: zap.NewNop(), denied: denied, tell: func(error) {}},
		jobStore: newWakingStore(wake), podStore: newWakingStore(wake),
	}
}

func (w *jobWatch) jobs() oneWatch {
	api, byName := w.client.BatchV1().Jobs(w.ref.Namespace), fields.OneTermEqualSelector(metav1.ObjectNameField, w.ref.JobName()).String()
	list := func(ctx context.Context, options metav1.ListOptions) (*batchv1.JobList, error) {
		options.FieldSelector = byName
		return api.List(ctx, options)
	}
	watch := func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
		options.FieldSelector = byName
		return api.Watch(ctx, options)
	}
	return mirrored(w.client, w.ref, &batchv1.Job{}, w.jobStore, &cache.ListWatch{
		ListWithContextFunc: lister(w.out, "", list), WatchFuncWithContext: watcher(w.out, "", watch),
	})
}

func (w *jobWatch) pods() oneWatch {
	api, selector := w.client.CoreV1().Pods(w.ref.Namespace), selectPods(w.ref, reexec.Orchestrator)
	return mirrored(w.client, w.ref, &corev1.Pod{}, w.podStore, &cache.ListWatch{
		ListWithContextFunc: lister(w.out, selector, api.List), WatchFuncWithContext: watcher(w.out, selector, api.Watch),
	})
}

func (w *jobWatch) run(ctx context.Context, report func(JobState), watches ...oneWatch) error {
	stop, err := beginWatches(ctx, w.ref, watches, w.denied)
	if err != nil {
		return err
	}
	defer stop()
	return w.report(ctx, report)
}

// report reports each state once.
func (w *jobWatch) report(ctx context.Context, report func(JobState)) error {
	last := w.state()
	report(last)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.wake:
		}
		if now := w.state(); now != last {
			last = now
			report(now)
		}
	}
}

func (w *jobWatch) state() JobState {
	var job *batchv1.Job
	for _, found := range w.jobStore.List() {
		// Another UID is another run's, of the same name.
		if j := found.(*batchv1.Job); j.Name == w.ref.JobName() && (w.ref.JobUID == "" || j.UID == w.ref.JobUID) {
			job = j
		}
	}
	var pods []*corev1.Pod
	for _, found := range w.podStore.List() {
		if pod := found.(*corev1.Pod); w.ref.JobUID == "" || controlledBy(pod, w.ref.JobUID) {
			pods = append(pods, pod)
		}
	}
	state := jobState(job)
	if state.Exists {
		state.Orchestrator = orchestratorState(newest(pods))
	}
	return state
}
