package docs_test

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// programVar makes this test's binary a program of the library whose parameters it names, separated by commas. Those that
// are switches have a question mark behind the name.
const programVar = "DOCS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if parameters, ok := os.LookupEnv(programVar); ok {
		program(parameters)
	}
	// What os/signal sets up with the first call must not come to belong to the bubble of a test.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	signal.Stop(signals)
	os.Exit(m.Run())
}

// program is a command line program with these parameters.
func program(parameters string) {
	p := pipeline.New("docs").Step(pipeline.Func0("step", func(context.Context) (int, error) { return 0, nil }))
	for name := range strings.FieldsFuncSeq(parameters, func(r rune) bool { return r == ',' }) {
		if name, ok := strings.CutSuffix(name, "?"); ok {
			p.Step(pipeline.Func("takes-"+name, nothing[bool], pipeline.Param(name, false)))
			continue
		}
		p.Step(pipeline.Func("takes-"+name, nothing[string], pipeline.Param(name, "")))
	}
	cli.Main(p)
}

func nothing[T any](context.Context, T) (int, error) { return 0, nil }

// ofOurs finds the commands in a line that run a program of the library: by go run, or built. The first group is the
// example's directory, the second the arguments.
var ofOurs = regexp.MustCompile(`(?:^|\| )(?:go run \./(examples/\S+|quickstart)|go run \.|\./slope)( [^|#]*)?`)

// TestCommandsHaveTheirFlags gives each command that a page shows, with a further --help, to a program with the parameters of
// the example: verbs and flags that do not exist are errors then, and so are files of settings that have mistakes.
func TestCommandsHaveTheirFlags(t *testing.T) {
	t.Parallel()
	found := 0
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			if b.language != "sh" {
				continue
			}
			for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", " ")) {
				for _, command := range ofOurs.FindAllStringSubmatch(line, -1) {
					found++
					checkCommand(t, b, command[1], command[2])
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("%d commands were found, want 10 or more", found)
	}
}

func checkCommand(t *testing.T, b block, example, arguments string) {
	t.Helper()
	if example == "" {
		example = "examples/01-hello"
	}
	if !isCommandLine(t, example) {
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The shell reads the arguments as a reader's does.
	cmd := exec.Command("sh", "-c", `exec "$0" `+strings.TrimSpace(arguments)+" --help", self)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), programVar+"="+strings.Join(parametersOf(t, example), ","))
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s:%d: %s: %v\n%s", b.page, b.line, strings.TrimSpace(arguments), err, output)
	}
}

// isCommandLine tells whether an example has the command line of the library, and no flags of its own.
func isCommandLine(t *testing.T, example string) bool {
	t.Helper()
	return strings.Contains(read(t, filepath.Join(example, "main.go")), "cli.Main(")
}

// declared finds the declaration of a parameter, and tells whether it is a switch.
var declared = regexp.MustCompile(`pipeline\.Param\("([^"]+)", (true|false)?`)

// parametersOf returns the names of an example's parameters as [programVar] has them.
func parametersOf(t *testing.T, example string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, example, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no programs: %v", example, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range declared.FindAllStringSubmatch(string(text), -1) {
			if match[2] != "" {
				match[1] += "?"
			}
			names = append(names, match[1])
		}
	}
	return names
}
