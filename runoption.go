package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/graph"
)

// RunOption is something that one run is submitted with: a parameter's value, most of all.
type RunOption interface {
	applyToRun(*runOptions) error
}

type runOption func(*runOptions) error

func (f runOption) applyToRun(o *runOptions) error { return f(o) }

// runOptions is what the options of one run say.
type runOptions struct {
	params    map[string]json.RawMessage
	texts     map[string]string
	scheduled time.Time
	settings  KubernetesOrchestratorSettings
	noCache   bool
}

func (o *runOptions) set(name string, value json.RawMessage) {
	o.params[name] = value
	delete(o.texts, name)
}

// SetText gives the parameter called name a value as it would be typed on a command line: text as it is, durations as
// in 90s, anything else as JSON. Use [Parameter.Set] where the parameter's type is at hand.
func SetText(name, text string) RunOption {
	return runOption(func(o *runOptions) error {
		o.texts[name] = text
		delete(o.params, name)
		return nil
	})
}

// RunSettings refines the settings for one run: they win over the configuration's and the pipeline's, and a step's own
// win over them.
func RunSettings(s KubernetesOrchestratorSettings) RunOption {
	return runOption(func(o *runOptions) error {
		if problems := s.problems(pipelineScope); len(problems) > 0 {
			return fmt.Errorf("setting the settings of the run: %s", strings.Join(problems, "; "))
		}
		o.settings = mergeSettings(o.settings, s)
		return nil
	})
}

// NoCache runs every step of one run, those that are cached too. Their values are kept for later runs all the same, where
// they take the place of older ones.
func NoCache() RunOption {
	return runOption(func(o *runOptions) error {
		o.noCache = true
		return nil
	})
}

// applied is readOptions with its errors as mistakes: what a run is submitted with is checked like the pipeline itself.
func applied(d *design, opts []RunOption) (*runOptions, error) {
	o, err := readOptions(d, opts)
	if err != nil {
		return nil, d.pipeline.invalid(err)
	}
	return o, nil
}

// readOptions applies the options and returns them with the value of every parameter of the design, in JSON.
func readOptions(d *design, opts []RunOption) (*runOptions, error) {
	o, err := givenOptions(opts)
	if err != nil {
		return nil, err
	}
	if err := o.parse(d); err != nil {
		return nil, err
	}
	o.complete(d)
	return o, nil
}

// givenOptions applies the options.
func givenOptions(opts []RunOption) (*runOptions, error) {
	o := &runOptions{params: map[string]json.RawMessage{}, texts: map[string]string{}}
	for _, opt := range opts {
		if err := opt.applyToRun(o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// parse reads the values that were given as text, and checks that every value belongs to a parameter.
func (o *runOptions) parse(d *design) error {
	for name, text := range o.texts {
		n, err := d.paramNode(name)
		if err != nil {
			return err
		}
		if o.params[name], err = n.param.parse(text); err != nil {
			return fmt.Errorf("setting param %q: %w", name, err)
		}
	}
	for name := range o.params {
		if _, err := d.paramNode(name); err != nil {
			return err
		}
	}
	return nil
}

// complete fills in the defaults of the parameters that were given no value.
func (o *runOptions) complete(d *design) {
	for _, n := range d.nodes {
		if _, given := o.params[n.name]; n.kind == graph.Param && !given {
			o.params[n.name] = n.param.def
		}
	}
}

// paramNode returns the parameter called name.
func (d *design) paramNode(name string) (*node, error) {
	if n, ok := d.node(name); ok && n.kind == graph.Param {
		return n, nil
	}
	var have []string
	for _, n := range d.nodes {
		if n.kind == graph.Param {
			have = append(have, n.name)
		}
	}
	slices.Sort(have)
	if len(have) == 0 {
		return nil, fmt.Errorf("setting param %q: pipeline %q takes no parameters", name, d.name)
	}
	return nil, fmt.Errorf("setting param %q: pipeline %q has no such parameter; it has %s", name, d.name, strings.Join(have, ", "))
}
