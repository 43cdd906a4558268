package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrongProgramsDoNotCompile builds the programs below testdata/compile, each of which breaks one promise that the
// compiler keeps, and compares what the compiler says about each.
func TestWrongProgramsDoNotCompile(t *testing.T) {
	t.Parallel()
	wants := map[string]string{
		"wrong_input":         `type *pipeline.Step[int] of a does not match inferred type pipeline.Source[string]`,
		"missing_input":       `not enough arguments in call to pipeline.Func`,
		"wrong_arity":         `does not match func(context.Context, A, B) (Out, error)`,
		"foreign_source":      `type mine of mine{} does not match inferred type pipeline.Source[int]`,
		"param_as_goal":       `*pipeline.Parameter[int] does not implement pipeline.Node`,
		"wrong_param_value":   `cannot use "many" (untyped string constant) as int value in argument to n.Set`,
		"wrong_result":        `cannot use a.Result(context.Background(), nil) (value of type int) as string value in assignment`,
		"retry_on_param":      `n.Retry undefined`,
		"wrong_replacement":   `type []string of []string{…} does not match inferred type int for Out`,
		"not_a_step_function": `does not match func(context.Context) (Out, error)`,
	}
	dirs, err := os.ReadDir("testdata/compile")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"build", "-o", os.DevNull}
	for _, d := range dirs {
		if wants[d.Name()] == "" {
			t.Errorf("testdata/compile/%s: no message is expected of it", d.Name())
		}
		args = append(args, "./testdata/compile/"+d.Name())
	}
	output, err := exec.Command("go", args...).CombinedOutput()
	if err == nil {
		t.Fatal("all of the programs compile")
	}
	said := byProgram(string(output))
	for name, want := range wants {
		if !strings.Contains(said[name], want) {
			t.Errorf("%s: the compiler says %q, want it to say %q", name, said[name], want)
		}
	}
}

// byProgram sorts what the compiler says by the directory of the program it is about.
func byProgram(output string) map[string]string {
	said := map[string]string{}
	for line := range strings.Lines(output) {
		if file, text, ok := strings.Cut(line, ":"); ok && strings.HasSuffix(file, "main.go") {
			said[filepath.Base(filepath.Dir(file))] += text
		}
	}
	return said
}
