package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// Cluster runs the attempts of one run as pods and keeps its records in ConfigMaps. The orchestrator drives a run with
// it; who only follows one needs no more than [Cluster.Watch] and [Cluster.View], and the right to list and watch pods
// and ConfigMaps.
type Cluster struct {
	client   kubernetes.Interface
	ref      Ref
	plan     *plan.Plan
	logger   *zap.Logger
	stopped  func(message string)
	outage   func(error)
	recorder recorder
	makes    Pods
	tokens   *accountTokens
	pods     *mirror[engine.Sighting]
	records  *mirror[recorded]
	recalls  *recalls
}

var _ engine.Cluster = (*Cluster)(nil)

// Options are what a [Cluster] can do without.
type Options struct {
	// Logger defaults to none.
	Logger *zap.Logger
	// Stopped, if set, is told when the record is seen that the run is stopped, with the reason in words. It is called from
	// any goroutine, more than once, and must not block.
	Stopped func(message string)
	// Outage, if set, is told with the error when the run cannot be watched any more, and with nil when it can again. It is
	// called from any goroutine and must not block.
	Outage func(error)
	// Store is the artifact store of the run, for those who start steps that are cached. It defaults to none.
	Store artifact.Store
}

// NewCluster returns the cluster of a run. Ref must be complete: what does not name the run's Job or plan by its UID is not
// taken for the run's. The plan is one for Kubernetes. Nothing is asked of the API server yet.
func NewCluster(client kubernetes.Interface, ref Ref, p *plan.Plan, o Options) *Cluster {
	c := &Cluster{
		client: client, ref: ref, plan: p, recorder: newRecorder(client, ref, p), makes: NewPods(ref, p),
		tokens: newAccountTokens(client, ref, p),
		logger: cmp.Or(o.Logger, zap.NewNop()).With(zap.String("run", ref.Run)), stopped: func(string) {}, outage: func(error) {},
	}
	if o.Stopped != nil {
		c.stopped = o.Stopped
	}
	if o.Outage != nil {
		c.outage = o.Outage
	}
	c.pods = newMirror(c.readPod)
	c.records = newMirror(c.readRecord)
	c.recalls = c.newRecalls(o)
	return c
}

// Start implements [engine.Cluster].
func (c *Cluster) Start(ctx context.Context, step string, attempt int) error {
	recalled, err := c.recall(ctx, step, attempt)
	if err == nil && !recalled {
		err = c.refuse(ctx, c.startPod(ctx, step, attempt))
	}
	if err != nil {
		return fmt.Errorf("starting attempt %d of step %q: %w", attempt, step, err)
	}
	return nil
}

func (c *Cluster) startPod(ctx context.Context, step string, attempt int) error {
	pod := c.makes.Of(step, attempt, c.room())
	tellMiss(pod, c.recalls.miss(step))
	if err := c.tokens.give(ctx, pod); err != nil {
		return err
	}
	made, err := c.client.CoreV1().Pods(c.ref.Namespace).Create(ctx, pod, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		made, err = c.getPod(ctx, pod.Name)
	}
	if err != nil {
		return err
	}
	return c.adopt(made)
}

// refuse is [refuse], with the level of Pod Security that the namespace demands where that is what refuses.
func (c *Cluster) refuse(ctx context.Context, err error) error {
	err = refuse(err)
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		refusal.Message += enforcedLevel(ctx, c.client, c.ref.Namespace, refusal.Message)
	}
	return err
}

// adopt takes in the pod that has the name of an attempt, whoever created it: this call, one whose answer was lost, or
// another orchestrator. One that is not of this run is in the way, for good unless it is about to go.
func (c *Cluster) adopt(pod *corev1.Pod) error {
	if it := c.readPod(pod); it.step != "" {
		c.pods.wrote(it)
		return nil
	}
	leaving := pod.DeletionTimestamp != nil
	return &engine.Refusal{Queued: leaving, Permanent: !leaving, Reason: "NameTaken", Message: fmt.Sprintf(
		"pod %s/%s (UID %s) has the attempt's name, but not this run's labels and owners: delete it", pod.Namespace, pod.Name, pod.UID)}
}

// room is how much of an inline value the run's records can still take, as [Pods.Of] wants it. Attempts that run at the
// same time are told the same, so the bound may be overrun by what they write together.
func (c *Cluster) room() int64 {
	switch left := record.MaxInlinePerRun - c.records.size(); {
	case left <= 0:
		return -1
	case left < record.MaxInline:
		return left
	}
	return 0
}

// Remove implements [engine.Cluster]. It deletes the attempt's pod with this UID only; the pod may take its grace
// period to go.
func (c *Cluster) Remove(ctx context.Context, step string, attempt int, uid string) error {
	return c.removePod(ctx, step, attempt, uid, metav1.DeleteOptions{})
}

// ForceRemove implements [engine.Cluster]. Without a grace period the API server does not wait for the kubelet
// (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-forced).
func (c *Cluster) ForceRemove(ctx context.Context, step string, attempt int, uid string) error {
	return c.removePod(ctx, step, attempt, uid, metav1.DeleteOptions{GracePeriodSeconds: new(int64(0))})
}

func (c *Cluster) removePod(ctx context.Context, step string, attempt int, uid string, o metav1.DeleteOptions) error {
	name := PodName(c.plan.Kubernetes.PodNamePrefix, c.ref.Run, step, attempt)
	o.Preconditions = metav1.NewUIDPreconditions(uid)
	err := c.client.CoreV1().Pods(c.ref.Namespace).Delete(ctx, name, o)
	switch {
	case err == nil:
		c.pods.leave(name, types.UID(uid))
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		// The name is free, or another pod's.
		c.pods.vanish(name, types.UID(uid))
	default:
		return fmt.Errorf("removing attempt %d of step %q: %w", attempt, step, err)
	}
	return nil
}

// Commit implements [engine.Cluster]. An inline result without its value is one that its step recorded: the record is
// looked up.
func (c *Cluster) Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	standing, stands, err := c.recorder.commit(ctx, result, value)
	if err != nil {
		return record.Result{}, err
	}
	c.records.wrote(c.readRecord(standing))
	return stands, nil
}

// Close implements [engine.Cluster].
func (c *Cluster) Close(ctx context.Context, closing record.Attempt) error {
	standing, err := c.recorder.close(ctx, closing)
	if err != nil {
		return err
	}
	c.records.wrote(c.readRecord(standing))
	return nil
}

// Confirm implements [engine.Cluster]. The order of the reads counts: a pod that is gone can write no record any more,
// and if it went because its run was deleted, the Job shows it by then.
func (c *Cluster) Confirm(ctx context.Context, step string, attempt int) (engine.Confirmation, error) {
	var truth engine.Confirmation
	for _, read := range []func() error{
		func() error { return c.confirmPod(ctx, step, attempt, &truth) },
		func() error { return c.confirmResult(ctx, step, &truth) },
		func() error { return c.confirmClosed(ctx, step, attempt, &truth) },
		func() error { return c.confirmRun(ctx, &truth) },
	} {
		if err := read(); err != nil && !apierrors.IsNotFound(err) {
			return engine.Confirmation{}, fmt.Errorf("confirming attempt %d of step %q: %w", attempt, step, err)
		}
	}
	return truth, nil
}

func (c *Cluster) confirmPod(ctx context.Context, step string, attempt int, truth *engine.Confirmation) error {
	pod, err := c.getPod(ctx, PodName(c.plan.Kubernetes.PodNamePrefix, c.ref.Run, step, attempt))
	if err != nil {
		return err
	}
	if it := c.readPod(pod); it.step == step {
		truth.Sighting = &it.means
	}
	return nil
}

func (c *Cluster) confirmResult(ctx context.Context, step string, truth *engine.Confirmation) error {
	cm, err := c.recorder.get(ctx, ResultName(c.ref.Run, step))
	if err != nil {
		return err
	}
	result, err := readResult(c.ref, cm)
	if err != nil {
		return inTheWay(cm, err)
	}
	truth.Result = &result
	return nil
}

func (c *Cluster) confirmClosed(ctx context.Context, step string, attempt int, truth *engine.Confirmation) error {
	cm, err := c.recorder.get(ctx, AttemptName(c.ref.Run, step, attempt))
	if err != nil {
		return err
	}
	closed, err := readAttempt(c.ref, cm)
	if err != nil {
		return inTheWay(cm, err)
	}
	truth.Closed = &closed
	return nil
}

func (c *Cluster) confirmRun(ctx context.Context, truth *engine.Confirmation) error {
	truth.RunGone = true
	job, err := c.client.BatchV1().Jobs(c.ref.Namespace).Get(ctx, c.ref.JobName(), metav1.GetOptions{})
	if err == nil {
		truth.RunGone = job.UID != c.ref.JobUID || job.DeletionTimestamp != nil
	}
	return err
}

func (c *Cluster) getPod(ctx context.Context, name string) (*corev1.Pod, error) {
	return c.client.CoreV1().Pods(c.ref.Namespace).Get(ctx, name, metav1.GetOptions{})
}

// inOrder sorts an observation, so that equal ones are equal.
func inOrder(o *engine.Observation) {
	slices.SortFunc(o.Closed, func(a, b record.Attempt) int { return cmp.Compare(a.Attempt, b.Attempt) })
	slices.SortFunc(o.Sightings, func(a, b engine.Sighting) int { return cmp.Compare(a.Attempt, b.Attempt) })
}
