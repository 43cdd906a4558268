package pipeline

import (
	"context"
	"os"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Orchestrator runs pipelines. In the process that a user started it submits runs and follows them; in the pods and
// child processes of a run, the same call becomes the orchestrator or a step. It is safe for concurrent use.
type Orchestrator struct {
	config     Config
	logger     *zap.Logger
	events     func(Event)
	restConfig *rest.Config
	clientset  kubernetes.Interface
	openStore  func(ctx context.Context, url string) (ArtifactStore, error)
	exit       func(code int)
	// podTemplate changes the pods of runs, one after the other.
	podTemplate []func(step string, template *corev1.PodTemplateSpec)
	restricted  bool
	programs    programs
	tracing     Tracing
}

// NewOrchestrator returns an orchestrator. It does no I/O.
func NewOrchestrator(config Config, opts ...Option) *Orchestrator {
	o := &Orchestrator{config: config, events: func(Event) {}, exit: os.Exit, programs: newPrograms()}
	for _, opt := range opts {
		opt.applyToOrchestrator(o)
	}
	return o
}

// Run submits a run of the pipeline and waits for its end. Once the run was submitted the *Run is not nil; the error is
// a [*RunError] when the run ended without success, and wraps [ErrInterrupted] when ctx ended first and [ErrTimeout] when
// the Timeout of the settings has passed. A run on Kubernetes that is not Synchronous is not waited for: the *Run has no
// outcomes then, and there is no error.
//
// In a pod or child process of a run, Run plays its role there and ends the process: it does not return. What main does
// before Run is done in each of them; a program that must not, say, open its database in a step's pod calls
// [Orchestrator.Dispatch] first.
func (o *Orchestrator) Run(ctx context.Context, p *Pipeline, opts ...RunOption) (*Run, error) {
	h, err := o.Submit(ctx, p, opts...)
	if err != nil || h == nil {
		return nil, err
	}
	return h.WaitIfSynchronous(ctx)
}

// Submit submits a run of the pipeline and returns a handle on it. In a pod or child process of a run it does what
// [Orchestrator.Run] does there.
//
// A run on Kubernetes goes on whatever becomes of this process. The steps of a run of child processes end with ctx, and
// with this process.
func (o *Orchestrator) Submit(ctx context.Context, p *Pipeline, opts ...RunOption) (*Handle, error) {
	if played, err := o.playRole(ctx, "Run", p); played || err != nil {
		return nil, err
	}
	s, err := o.submission(p, opts)
	if err != nil {
		return nil, err
	}
	if o.target().Named() {
		return s.inTrace(ctx, s.toKubernetes)
	}
	return s.inTrace(ctx, s.toProcesses)
}

// Dispatch plays this process's role if it is a pod or child process of a run of one of the pipelines, and ends the
// process. In any other process it checks the pipelines and returns. A program with several pipelines calls it first
// thing in main, with all of them.
func (o *Orchestrator) Dispatch(ctx context.Context, pipelines ...*Pipeline) error {
	if played, err := o.playRole(ctx, "Dispatch", pipelines...); played || err != nil {
		return err
	}
	for _, p := range pipelines {
		if err := p.Validate(); err != nil {
			return err
		}
	}
	return nil
}
