package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

// simple returns a pipeline of one step.
func simple(name string) *pipeline.Pipeline {
	return pipeline.New(name).Step(pipeline.Func0("load", func(context.Context) (int, error) { return 1, nil }))
}

// severalProgram is a program with several pipelines, which reports which one has run.
func severalProgram() {
	MainAll([]*pipeline.Pipeline{simple("train"), simple("score")}, Report(func(_ context.Context, run *pipeline.Run) error {
		_, err := fmt.Fprintln(os.Stdout, run.Pipeline, "is done")
		return err
	}))
}

// callSeveral runs a command line of a program with several pipelines.
func callSeveral(pipelines []*pipeline.Pipeline, args ...string) (code int, out, err string) {
	s := newSeveral(pipelines)
	var stdout, stderr bytes.Buffer
	s.name = invocation{name: "prog", command: "./prog"}
	s.args, s.stdout, s.stderr, s.screen = append([]string{}, args...), &stdout, &stderr, nil
	code = s.main(context.Background())
	return code, stdout.String(), stderr.String()
}

func TestSeveralPipelines(t *testing.T) {
	t.Parallel()
	both := []*pipeline.Pipeline{simple("train"), simple("score")}
	tests := []struct {
		pipelines []*pipeline.Pipeline
		args      string
		code      int
		out, err  string
	}{
		{both, "train graph", ExitSucceeded, "load\n", ""},
		{both, "--help", ExitSucceeded, "score        Run pipeline score", ""},
		{both, "train --help", ExitSucceeded, "./prog train render --image", ""},
		{both, "score help list", ExitUsage, "", `unknown command "help" for "./prog score"`},
		{both, "train lst", ExitUsage, "", `unknown command "lst" for "./prog train"; did you mean list or get?`},
		{both, "nope", ExitUsage, "", `unknown command "nope"`},
		{[]*pipeline.Pipeline{simple("train"), simple("train")}, "train graph", ExitUsage, "", `pipeline "train": the name is taken`},
		{nil, "", ExitUsage, "", "this program has no pipelines"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			code, out, err := callSeveral(test.pipelines, strings.Fields(test.args)...)
			if code != test.code || !strings.Contains(out, test.out) || !strings.Contains(err, test.err) {
				t.Errorf("exit code %d, want %d\nstdout, want %q:\n%s\nstderr, want %q:\n%s", code, test.code, test.out, out, test.err, err)
			}
		})
	}
}

// callTree runs a command line of a program with a tree of its own.
func callTree(args ...string) (out string, err error) {
	root := &cobra.Command{Use: "tool", SilenceErrors: true}
	under := &cobra.Command{Use: "train"}
	root.AddCommand(under)
	under.AddCommand(Commands(simple("train"))...)
	var stdout bytes.Buffer
	root.SetOut(&stdout)
	root.SetErr(&stdout)
	root.SetArgs(args)
	err = root.Execute()
	return stdout.String(), err
}

func TestCommandsHangUnderAnotherTree(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"train graph":          "load\n",
		"train list --help":    "  tool train list --context kind-dev",
		"train rbac --help":    "  tool train rbac -n ml --submitter",
		"train version --help": "Print what this program was built from",
	} {
		out, err := callTree(strings.Fields(args)...)
		if err != nil || !strings.Contains(out, want) || strings.Contains(out, placeholder) {
			t.Errorf("tool %s: %v, want %q and no placeholder in\n%s", args, err, want, out)
		}
	}
}

func TestExitCodeOfCommands(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{
		"train graph":                         ExitSucceeded,
		"train submit":                        ExitUsage,
		"train get --dir nowhere":             ExitUsage,
		"train stop":                          ExitUsage,
		"train list --kubeconfig not/there":   ExitNotSubmitted,
		"train watch --kubeconfig not/there":  ExitNotSubmitted,
		"train submit --kubeconfig not/there": ExitNotSubmitted,
	} {
		_, err := callTree(strings.Fields(args)...)
		if code := ExitCode(err); code != want {
			t.Errorf("tool %s: error %v has the code %d, want %d", args, err, code, want)
		}
	}
}

func TestPagesNameEachCommand(t *testing.T) {
	t.Parallel()
	for path, form := range map[string]string{"../docs/cli.md": "(?m)^\\| `%s[ `]", "doc.go": `\b%s\b`} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if path == "doc.go" {
			_, text, _ = bytes.Cut(text, []byte("// # Verbs\n"))
			text, _, _ = bytes.Cut(text, []byte("// # Flags\n"))
		}
		for _, verb := range newProgram(simple("one")).verbs() {
			if !regexp.MustCompile(fmt.Sprintf(form, verb.Name())).Match(text) {
				t.Errorf("%s does not name the command %s", path, verb.Name())
			}
		}
	}
}
