package pipeline

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// submission is a run on its way to where it will live.
type submission struct {
	*Orchestrator
	design  *design
	options *runOptions
	run     string
	// job is the name of the run's Job on Kubernetes; empty for the run's id.
	job string
	// schedule is the schedule whose runs these are; empty for a single run.
	schedule  string
	submitted time.Time
	// earlier is the generation of the run on Kubernetes that this one retries; nil for a new run.
	earlier *kube.Generation
	// trace is the span of the run.
	trace *runTrace
	// token is what Config.Token gave; empty until it is asked for.
	token string
}

// submission returns a new run of the pipeline with these options. Nothing is done about it yet.
func (o *Orchestrator) submission(p *Pipeline, opts []RunOption) (*submission, error) {
	d, err := p.freeze()
	if err != nil {
		return nil, err
	}
	given, err := applied(d, opts)
	if err != nil {
		return nil, err
	}
	return o.newSubmission(d, given), nil
}

func (o *Orchestrator) newSubmission(d *design, given *runOptions) *submission {
	now := time.Now()
	return &submission{Orchestrator: o, design: d, options: given, run: newRunID(d.name, now), submitted: now, trace: &runTrace{}}
}

// existing returns a run that was submitted before.
func (o *Orchestrator) existing(d *design, given *runOptions, run string) *submission {
	return &submission{Orchestrator: o, design: d, options: given, run: run, trace: &runTrace{}}
}

// maxRunHead leaves room in the 63 bytes of a label's value (RFC 1123) for the time and the random part of a run's id.
const maxRunHead = 40

// idTime is the layout of the time in a run's id.
const idTime = "060102-150405"

// newRunID returns an id that sorts by time among the runs of a pipeline.
func newRunID(pipeline string, now time.Time) string {
	return fmt.Sprintf("%s-%s-%s", runHead(pipeline), now.UTC().Format(idTime), strings.ToLower(rand.Text()[:5]))
}

// runHead is what the ids of a pipeline's runs begin with.
func runHead(pipeline string) string {
	return strings.TrimRight(pipeline[:min(len(pipeline), maxRunHead)], "-")
}

// ref refers to the run in a namespace.
func (s *submission) ref(namespace string) kube.Ref {
	return kube.Ref{Namespace: namespace, Run: s.run, Pipeline: s.design.name, Job: s.job}
}

// runSettings returns the settings of the run as a whole.
func (s *submission) runSettings() KubernetesOrchestratorSettings {
	return mergeSettings(mergeSettings(s.config.Settings, s.design.settings), s.options.settings)
}

// stepSettings returns the settings of a step.
func (s *submission) stepSettings(n *node) KubernetesOrchestratorSettings {
	return mergeSettings(s.runSettings(), n.ownSettings())
}

// check refuses what is wrong with the configuration.
func (s *submission) check() error {
	var found []Mistake
	for _, problem := range s.config.Settings.problems(pipelineScope) {
		found = append(found, Mistake{Pos: "Config.Settings", Text: problem})
	}
	if len(found) > 0 {
		return &ValidationError{Pipeline: s.design.name, Mistakes: found}
	}
	return nil
}

// notice tells something about a run that has not begun yet.
func (s *submission) notice(text string) {
	s.events(Event{Kind: Notice, Time: time.Now(), Run: s.run, Pipeline: s.design.name, Message: text})
}

// plan returns the plan of the run, without what only pods need and without what is cached.
func (s *submission) plan(artifacts string) *plan.Plan {
	return &plan.Plan{
		Version: plan.Version, Run: s.run, Graph: s.design.graph, Fingerprint: s.design.graph.Fingerprint(),
		Params: s.options.params, Engine: s.enginePlan(), Hooks: s.engineSteps(true), Artifacts: artifacts,
		Submitted: s.submitted, Scheduled: s.options.scheduled, Schedule: s.schedule, Trace: s.trace.carrier,
	}
}

// confirmAfter is how long a started attempt may stay out of sight before the cluster is asked about it.
const confirmAfter = 30 * time.Second

func (s *submission) enginePlan() engine.Plan {
	run := s.runSettings()
	return engine.Plan{
		Steps:          s.engineSteps(false),
		Mode:           orDefault(run.ExecutionMode, ContinueOnFailure),
		MaxParallelism: orDefault(run.MaxParallelism, 0),
		Stagger:        seconds(orDefault(run.ParallelStepStartupWaitingPeriod, 0)),
		Confirm:        confirmAfter,
	}
}

// engineSteps returns how the engine runs the steps that are hooks, or those that are not.
func (s *submission) engineSteps(hooks bool) []engine.Step {
	var steps []engine.Step
	needs := s.design.graph.Needs()
	for _, n := range s.design.nodes {
		if n.kind != graph.Step || (n.hook != "") != hooks {
			continue
		}
		step := s.stepSettings(n).engineStep(n.retry)
		step.Name, step.Needs = n.name, needs[n.name]
		steps = append(steps, step)
	}
	return steps
}

// literalEnv returns the variables with plain values that a step's process finds set. Those that Kubernetes takes from
// elsewhere are there in pods only.
func literalEnv(s KubernetesOrchestratorSettings) []string {
	var env []string
	for _, v := range orDefault(s.PodSettings, KubernetesPodSettings{}).Env {
		if v.ValueFrom == nil {
			env = append(env, v.Name+"="+v.Value)
		}
	}
	return env
}
