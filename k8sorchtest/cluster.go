package k8sorchtest

import (
	"context"
	"slices"
	"sync"

	"go.uber.org/zap"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	ktesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
	"github.com/org/k8sorch/internal/standin"
)

// Namespace is where the runs of a test live.
const Namespace = "default"

// TB is what the kit needs of a test: a [testing.TB], or whatever else has these methods of one, such as the GinkgoT of
// Ginkgo.
type TB interface {
	// Context returns a context that ends when the test does, before what Cleanup was given is called.
	Context() context.Context
	Cleanup(fn func())
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Cluster is a Kubernetes for one test. It ends with the test. It is safe for concurrent use.
type Cluster struct {
	tb TB
	// client is what the library talks to; the kit itself uses own, of whose calls none fails.
	client, own *fake.Clientset
	pipelines   []*pipeline.Pipeline
	work        sync.WaitGroup
	// logs has a *podLog for each pod that was run, by its name.
	logs sync.Map
	// deletions is guarded by the client, which carries out one call at a time.
	deletions []deletion

	mu        sync.Mutex
	made      []*corev1.Pod
	jobs      []*batchv1.Job
	uids      int
	processes map[types.UID]*process
	// functions are the replacements, by pipeline.
	functions map[string]standin.Set
	// options are those of the orchestrators in pods.
	options []pipeline.Option
	held    []*held
	faults  []*fault
}

// New returns a cluster whose pods can run the steps of the pipelines.
func New(tb TB, pipelines ...*pipeline.Pipeline) *Cluster {
	tb.Helper()
	// NewClientset, its successor, keeps the fields' managers of each object, which takes ten times as long. Nothing here reads
	// them, or applies objects by the server.
	client := fake.NewSimpleClientset()
	c := &Cluster{
		tb: tb, client: client, own: &fake.Clientset{}, pipelines: pipelines,
		processes: map[types.UID]*process{}, functions: map[string]standin.Set{},
	}
	c.client.PrependReactor("create", "*", c.identify)
	c.client.PrependReactor("delete", "*", c.noteDeletion)
	c.client.PrependWatchReactor("*", c.watch)
	c.client.PrependReactor("create", "*", answer)
	c.client.PrependReactor("*", "*", c.failCall)
	c.client.PrependWatchReactor("*", c.failWatch)
	c.own.AddReactor("create", "*", c.identify)
	c.own.AddReactor("*", "*", ktesting.ObjectReaction(c.client.Tracker()))
	c.controlJobs()
	c.runPods()
	// The test's context ends before its clean-up.
	tb.Cleanup(c.work.Wait)
	return c
}

// Clientset returns the fake clientset. Reactors prepended to it see every call of the client and the orchestrator.
func (c *Cluster) Clientset() *fake.Clientset { return c.client }

// Context returns a context under which an orchestrator that uses [Cluster.Clientset] acts as a client, without starting
// the test's binary once more to see which graph it builds.
func (c *Cluster) Context(ctx context.Context) context.Context {
	return reexec.NewContext(ctx, reexec.Role{Kind: reexec.Client})
}

// Orchestrator returns an orchestrator on this cluster.
func (c *Cluster) Orchestrator(opts ...pipeline.Option) *pipeline.Orchestrator {
	return newOrchestrator(clientset{c.client, c}, opts...)
}

func newOrchestrator(client kubernetes.Interface, opts ...pipeline.Option) *pipeline.Orchestrator {
	config := pipeline.Config{
		Namespace: Namespace, Args: []string{},
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test@" + testDigest)},
	}
	all := slices.Concat([]pipeline.Option{pipeline.WithClientset(client), pipeline.WithLogger(zap.NewNop())}, opts)
	return pipeline.NewOrchestrator(config, all...)
}

// testDigest stands for an image that nobody pulls.
const testDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// InPods gives options to the orchestrators of all pods that start from now on, as main would give them to its own:
// [pipeline.WithTracing], say.
func (c *Cluster) InPods(opts ...pipeline.Option) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.options = append(c.options, opts...)
}

// podOptions returns what pods are given, and more.
func (c *Cluster) podOptions(more ...pipeline.Option) []pipeline.Option {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Concat(c.options, more)
}

// Run runs a pipeline on the cluster to its end.
func (c *Cluster) Run(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) (*pipeline.Run, error) {
	return c.Orchestrator().Run(c.Context(ctx), p, opts...)
}

// Run runs a pipeline on a cluster of its own, and fails the test unless it succeeds.
func Run(tb TB, p *pipeline.Pipeline, opts ...pipeline.RunOption) *pipeline.Run {
	tb.Helper()
	run, err := New(tb, p).Run(tb.Context(), p, opts...)
	if err != nil {
		tb.Fatalf("running pipeline %q: %v", p.Name(), err)
	}
	return run
}

// Pods returns every pod that was created for a step, in the order of their creation, as it was asked for.
func (c *Cluster) Pods(step string) []*corev1.Pod {
	c.mu.Lock()
	defer c.mu.Unlock()
	var pods []*corev1.Pod
	for _, pod := range c.made {
		if pod.Labels[kube.LabelStep] == step {
			pods = append(pods, pod.DeepCopy())
		}
	}
	return pods
}

// Jobs returns the Job of each run, in the order in which they were submitted, as it was asked for. A run that was retried has
// one for each time.
func (c *Cluster) Jobs() []*batchv1.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	var jobs []*batchv1.Job
	for _, job := range c.jobs {
		jobs = append(jobs, job.DeepCopy())
	}
	return jobs
}

// Started returns the names of the steps in the order in which their attempts were started; a step that was retried is
// there more than once.
func (c *Cluster) Started() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var steps []string
	for _, pod := range c.made {
		if step := pod.Labels[kube.LabelStep]; step != "" {
			steps = append(steps, step)
		}
	}
	return steps
}
