package pipeline

import (
	"context"
	"reflect"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/standin"
)

// Step is one step of a pipeline, whose value is an Out. The functions [Func0], [Func], [Func2] and [Func3] make steps;
// methods refine them and return the same step.
//
// A step's function runs at least once, in a process of its own. It gets its inputs as arguments and hands its value on
// by returning it: variables that another step has set are not there, since that step ran in another process. It may
// use configuration that main computes anew, equally, in every process.
type Step[Out any] struct {
	node *node
}

func (s *Step[Out]) step() *node {
	if s == nil {
		return nil
	}
	return s.node
}

func (s *Step[Out]) source(Out) *node { return s.step() }

// Func0 declares a step without inputs. The name is a DNS-1123 label, unique in the pipeline: at most 63 lower-case
// letters, digits and dashes.
func Func0[Out any](name string, fn func(context.Context) (Out, error)) *Step[Out] {
	return newStep[Out](name, callerSite(), fn, nil,
		func(ctx context.Context, _ []attempt.Input) (Out, error) { return standin.For(ctx, name, fn)(ctx) })
}

// Func declares a step with one input. See [Func0] for the name.
func Func[In, Out any](name string, fn func(context.Context, In) (Out, error), in Source[In]) *Step[Out] {
	return newStep[Out](name, callerSite(), fn, []*node{erase(in)},
		func(ctx context.Context, inputs []attempt.Input) (out Out, err error) {
			a, err := load[In](ctx, inputs[0])
			if err != nil {
				return out, err
			}
			return standin.For(ctx, name, fn)(ctx, a)
		})
}

// Func2 declares a step with two inputs. See [Func0] for the name.
func Func2[A, B, Out any](name string, fn func(context.Context, A, B) (Out, error), a Source[A], b Source[B]) *Step[Out] {
	return newStep[Out](name, callerSite(), fn, []*node{erase(a), erase(b)},
		func(ctx context.Context, inputs []attempt.Input) (out Out, err error) {
			a, err := load[A](ctx, inputs[0])
			if err != nil {
				return out, err
			}
			b, err := load[B](ctx, inputs[1])
			if err != nil {
				return out, err
			}
			return standin.For(ctx, name, fn)(ctx, a, b)
		})
}

// Func3 declares a step with three inputs. See [Func0] for the name.
func Func3[A, B, C, Out any](
	name string, fn func(context.Context, A, B, C) (Out, error), a Source[A], b Source[B], c Source[C],
) *Step[Out] {
	return newStep[Out](name, callerSite(), fn, []*node{erase(a), erase(b), erase(c)},
		func(ctx context.Context, inputs []attempt.Input) (out Out, err error) {
			a, err := load[A](ctx, inputs[0])
			if err != nil {
				return out, err
			}
			b, err := load[B](ctx, inputs[1])
			if err != nil {
				return out, err
			}
			c, err := load[C](ctx, inputs[2])
			if err != nil {
				return out, err
			}
			return standin.For(ctx, name, fn)(ctx, a, b, c)
		})
}

// Do adapts a function that returns only an error to the form that [Func] takes:
//
//	pipeline.Func("notify", pipeline.Do(notify), report)
func Do[In any](fn func(context.Context, In) error) func(context.Context, In) (None, error) {
	if fn == nil {
		return nil
	}
	return func(ctx context.Context, in In) (None, error) { return None{}, fn(ctx, in) }
}

// newStep erases the step's types. What is wrong with it is noted and returned by Validate.
func newStep[Out any](
	name string, at site, fn any, inputs []*node, call func(context.Context, []attempt.Input) (Out, error),
) *Step[Out] {
	n := &node{name: name, kind: graph.Step, site: at, fn: reflect.TypeOf(fn)}
	for i, in := range inputs {
		if in == nil {
			n.mistakef(at, "step %q: input %d is nil; pass a step or a parameter", name, i+1)
			continue
		}
		n.inputs = append(n.inputs, in)
	}
	if reflect.ValueOf(fn).IsNil() {
		n.mistakef(at, "step %q: its function is nil", name)
	}
	var err error
	if n.shape, err = shapeOf(reflect.TypeFor[Out]()); err != nil {
		n.mistakef(at, "step %q: its value cannot be handed on: %v", name, err)
	}
	n.call = func(ctx context.Context, inputs []attempt.Input) (attempt.Encode, error) {
		out, err := call(ctx, inputs)
		if err != nil {
			return nil, err
		}
		return save(out), nil
	}
	return &Step[Out]{node: n}
}

// Name returns the step's name.
func (s *Step[Out]) Name() string { return s.node.name }

// After makes the step wait for others whose values it does not use.
func (s *Step[Out]) After(steps ...Node) *Step[Out] {
	at := callerSite()
	s.node.refine(at, "After", func() {
		for _, up := range steps {
			if up == nil || up.step() == nil {
				s.node.mistakef(at, "step %q: After was given nil; pass a step", s.node.name)
				continue
			}
			s.node.after = append(s.node.after, edge{to: up.step(), at: at})
		}
	})
	return s
}

// Retry says how often, and when, the step is tried again after its function has failed. Without it a failure is final.
func (s *Step[Out]) Retry(r Retry) *Step[Out] {
	at := callerSite()
	s.node.refine(at, "Retry", func() {
		for _, problem := range r.problems() {
			s.node.mistakef(at, "step %q: Retry: %s", s.node.name, problem)
		}
		s.node.retry = r
	})
	return s
}

// Settings refines the pipeline's settings for this step. What is nil in s is inherited; a second call refines the
// first.
func (s *Step[Out]) Settings(settings KubernetesOrchestratorSettings) *Step[Out] {
	at := callerSite()
	s.node.refine(at, "Settings", func() {
		for _, problem := range settings.problems(stepScope) {
			s.node.mistakef(at, "step %q: Settings: %s", s.node.name, problem)
		}
		if orDefault(settings.EnableCache, false) && s.node.shape == noneShape {
			s.node.mistakef(at, "step %q: Settings: EnableCache: its value is nothing, so it is run for what it does; leave it out", s.node.name)
		}
		s.node.settings = new(mergeSettings(s.node.ownSettings(), settings))
	})
	return s
}

// Result returns the value that the step had in a run which has ended or in which this step has succeeded.
func (s *Step[Out]) Result(ctx context.Context, run *Run) (Out, error) {
	in, err := run.input(ctx, s.node.name)
	if err != nil {
		var zero Out
		return zero, err
	}
	return load[Out](ctx, in)
}
