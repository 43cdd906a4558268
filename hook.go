package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/standin"
)

// RunEnd is how a run ended, as its hooks are given it (see [Pipeline.OnExit]).
type RunEnd = record.RunEnd

// StepEnd is how one step of a run ended, in a [RunEnd].
type StepEnd = record.StepEnd

const (
	// hookDeadline is how long one attempt of a hook may take, in seconds.
	hookDeadline = 300
	// hookRetries is how often a hook is tried again after its function has failed, the first time after hookDelay, which
	// doubles.
	hookRetries = 2
	hookDelay   = 10 * time.Second
)

// OnSuccess declares a hook that runs after a run which has succeeded. See [Pipeline.OnExit].
func (p *Pipeline) OnSuccess(name string, fn func(ctx context.Context, end RunEnd) error) *Pipeline {
	return p.hook(callerSite(), graph.OnSuccess, name, fn)
}

// OnFailure declares a hook that runs after a run which has failed or was stopped: by a request to stop or to drain that
// cut it short, or by its RunDeadline. See [Pipeline.OnExit].
func (p *Pipeline) OnFailure(name string, fn func(ctx context.Context, end RunEnd) error) *Pipeline {
	return p.hook(callerSite(), graph.OnFailure, name, fn)
}

// OnExit declares a hook: a function that runs after every run, once no step runs any more, in a pod or process of its
// own. The name is a DNS-1123 label as that of a step is (see [Func0]), and no step or parameter of the pipeline has it.
//
// The hooks that a run's end calls for run at the same time, whatever MaxParallelism is. Each runs at least once, with the
// settings of the pipeline, and AttemptInfo tells it its attempt. How the run ended is recorded before the first of them
// begins, so that all of them, and all of their attempts, are given the same end.
//
// An attempt of a hook may take 5 minutes, counted as ActiveDeadlineSeconds is, whatever the settings say of deadlines. One
// that fails is repeated twice, after 10 and after 20 seconds; one that is lost or does not start, as often as that of a
// step. The RunDeadline does not hold for hooks, and a request to stop or to drain that comes while they run is not heeded:
// to end them, delete the run's Job. The run is waited for until they are over. A hook that does not succeed changes nothing
// about it: [Run.Hooks] tells of it, and so do a notice and the summary of the package cli.
//
// It is the orchestrator that runs the hooks, so a run that was deleted has none, nor has one whose orchestrator could not
// be kept running, nor a run of child processes whose own process is told to end.
func (p *Pipeline) OnExit(name string, fn func(ctx context.Context, end RunEnd) error) *Pipeline {
	return p.hook(callerSite(), graph.OnExit, name, fn)
}

func (p *Pipeline) hook(at site, when graph.Hook, name string, fn func(context.Context, RunEnd) error) *Pipeline {
	p.refine(at, fmt.Sprintf("hook %q", name), func() {
		if fn == nil {
			p.mistakef(at, "hook %q: its function is nil", name)
		}
		p.hooks = append(p.hooks, &node{
			name: name, kind: graph.Step, hook: when, site: at, shape: noneShape, call: hookCall(name, fn), fn: reflect.TypeOf(fn),
			retry:    Retry{MaxRetries: hookRetries, Delay: hookDelay, Backoff: 2},
			settings: &KubernetesOrchestratorSettings{ActiveDeadlineSeconds: new(hookDeadline), StepTimeout: new(0)},
		})
	})
	return p
}

// hookCall makes a step's function of a hook's: its one input is the record of the run's end, its value says nothing.
func hookCall(name string, fn func(context.Context, RunEnd) error) attempt.Func {
	return func(ctx context.Context, inputs []attempt.Input) (attempt.Encode, error) {
		encoded, err := inputs[0].Open(ctx)
		if err != nil {
			return nil, err
		}
		defer encoded.Close()
		var end RunEnd
		if err := json.NewDecoder(encoded).Decode(&end); err != nil {
			return nil, fmt.Errorf("decoding %s: %w", record.EndFile, err)
		}
		if err := standin.For(ctx, name, fn)(ctx, end); err != nil {
			return nil, err
		}
		return save(None{}), nil
	}
}

// endInput returns the one input of a hook.
func endInput(read attempt.ReadFile) ([]attempt.Input, error) {
	encoded, err := read(record.EndFile)
	if err != nil {
		return nil, fmt.Errorf("reading how the run ended: %w", err)
	}
	return []attempt.Input{attempt.NewInput(record.EndFile, encoded)}, nil
}
