package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

// MainAll is [Main] for a program with several pipelines. The first word of the command line is the name of one, and what
// follows is as with Main: train run, train list. A report that is made for all of them finds the pipeline's name in the run.
func MainAll(pipelines []*pipeline.Pipeline, opts ...Option) {
	os.Exit(newSeveral(pipelines, opts...).main(context.Background()))
}

// several is one invocation of a program with several pipelines.
type several struct {
	*program
	pipelines []*pipeline.Pipeline
}

func newSeveral(pipelines []*pipeline.Pipeline, opts ...Option) *several {
	return &several{program: newProgram(nil, opts...), pipelines: pipelines}
}

// main is [program.main] for all of the pipelines.
func (s *several) main(ctx context.Context) int {
	if err := s.orchestrator(s.config).Dispatch(ctx, s.pipelines...); err != nil {
		return s.fail(notSubmitted(ctx, err))
	}
	if err := s.check(); err != nil {
		return s.fail(&exitError{ExitUsage, err})
	}
	return s.execute(ctx, s.rootCommand())
}

// check refuses pipelines that a first word could not tell apart.
func (s *several) check() error {
	if len(s.pipelines) == 0 {
		return errors.New("this program has no pipelines: pass some to cli.MainAll")
	}
	seen := map[string]bool{"help": true, "completion": true}
	for _, p := range s.pipelines {
		if seen[p.Name()] {
			return fmt.Errorf("pipeline %q: the name is taken, by another pipeline or by a command: give it another one", p.Name())
		}
		seen[p.Name()] = true
	}
	return nil
}

func (s *several) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: s.name.name, Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: s.name.command},
		Long:         "Runs several pipelines: begin with the name of one.",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetUsageFunc(usage)
	for _, p := range s.pipelines {
		root.AddCommand(s.one(p).pipelineCommand())
	}
	return root
}

// one returns the program of one of the pipelines.
func (s *several) one(p *pipeline.Pipeline) *program {
	one := *s.program
	one.pipeline = p
	one.name.command += " " + p.Name()
	return &one
}

// pipelineCommand returns the commands of a pipeline under its name.
func (prog *program) pipelineCommand() *cobra.Command {
	cmd := prog.rootCommand()
	cmd.Use, cmd.Annotations, cmd.Short = prog.pipeline.Name(), nil, "Run pipeline "+prog.pipeline.Name()+", or do something about its runs"
	cmd.SuggestionsMinimumDistance = 2 // Cobra's own, for roots.
	// Cobra takes any argument of a command that is not the root for one of its own.
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %q", args[0], prog.name.command)
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			text += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return errors.New(text)
	}
	return cmd
}
