package pipeline

import (
	"sync"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
)

// ExecutionMode says what the failure of one step means to the others.
type ExecutionMode = engine.Mode

// The execution modes.
const (
	// ContinueOnFailure skips what depends on the failed step and runs everything else. It is the default.
	ContinueOnFailure = engine.ContinueOnFailure
	// StopOnFailure begins no further step; those that have begun are finished, their retries included.
	StopOnFailure = engine.StopOnFailure
	// FailFast stops the steps that are running and begins no further one.
	FailFast = engine.FailFast
)

// Pipeline is a graph of steps. It is declared once, by the same code in every process of its runs, and frozen by its
// first use: what is declared later is a mistake that Validate returns.
type Pipeline struct {
	name string
	site site

	mu       sync.Mutex
	goals    []*node
	isGoal   map[*node]bool
	hooks    []*node
	settings KubernetesOrchestratorSettings
	mistakes []Mistake
	design   *design
}

// New returns a pipeline without steps. The name is a DNS-1123 label: at most 63 lower-case letters, digits and dashes.
func New(name string) *Pipeline {
	return &Pipeline{name: name, site: callerSite(), isGoal: map[*node]bool{}}
}

// Name returns the pipeline's name.
func (p *Pipeline) Name() string { return p.name }

// Step names the pipeline's goals. The steps they depend on come along.
func (p *Pipeline) Step(goals ...Node) *Pipeline {
	at := callerSite()
	p.refine(at, "Step", func() {
		for _, g := range goals {
			if g == nil || g.step() == nil {
				p.mistakef(at, "pipeline %q: Step was given nil; pass a step", p.name)
				continue
			}
			if !p.isGoal[g.step()] {
				p.isGoal[g.step()] = true
				p.goals = append(p.goals, g.step())
			}
		}
	})
	return p
}

// Settings refines the orchestrator's settings for this pipeline. What is nil in s is inherited; a second call refines
// the first.
func (p *Pipeline) Settings(s KubernetesOrchestratorSettings) *Pipeline {
	at := callerSite()
	p.refine(at, "Settings", func() {
		for _, problem := range s.problems(pipelineScope) {
			p.mistakef(at, "pipeline %q: Settings: %s", p.name, problem)
		}
		p.settings = mergeSettings(p.settings, s)
	})
	return p
}

// Validate freezes the pipeline and returns everything that is wrong with it as one [*ValidationError]. Every entry
// point calls it before it does anything else.
func (p *Pipeline) Validate() error {
	_, err := p.freeze()
	return err
}

// invalid makes a mistake of an error, at the place where the pipeline was declared.
func (p *Pipeline) invalid(err error) error {
	return &ValidationError{Pipeline: p.name, Mistakes: []Mistake{{Pos: p.site.String(), Text: err.Error()}}}
}

// Parameters returns the parameters that the pipeline's steps take, in topological order.
func (p *Pipeline) Parameters() []ParameterInfo {
	d, err := p.freeze()
	if err != nil {
		return nil
	}
	var infos []ParameterInfo
	for _, n := range d.nodes {
		if n.kind == graph.Param {
			infos = append(infos, ParameterInfo{Name: n.name, Type: n.param.typeName, Default: n.param.def, Usage: n.param.usage})
		}
	}
	return infos
}

func (p *Pipeline) refine(at site, what string, change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.design != nil {
		p.mistakef(at, "pipeline %q: %s comes too late, it is in use already; declare everything before Run, Submit, Dispatch or Validate", p.name, what)
		return
	}
	change()
}
