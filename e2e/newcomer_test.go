package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/org/k8sorch/cli"
)

// patienceWithCompiler bounds what may compile and link a program before it does anything else.
const patienceWithCompiler = 3 * patience

// newcomer is somebody who does what the pages say, in an empty directory, with a cluster and a registry of their own.
type newcomer struct {
	dir string
	env []string
	// named are what the pages call the registry, and what it is called here.
	named *strings.Replacer
}

// newNewcomer makes a module as the pages say, but without a way to a module proxy: what it needs is what this repository needs.
// Their kubeconfig has a context of the name that is on the pages, with the test's namespace.
func (e *env) newNewcomer(t *testing.T) *newcomer {
	t.Helper()
	config, err := clientcmd.LoadFromFile(e.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	own := config.Contexts[config.CurrentContext].DeepCopy()
	own.Namespace = e.namespace
	config.Contexts["my-cluster"] = own
	n := &newcomer{dir: t.TempDir(), named: strings.NewReplacer("registry.example.com/me", e.registry)}
	kubeconfig := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		t.Fatal(err)
	}
	n.env = []string{"GOFLAGS=-mod=mod", "GOWORK=off", kubeconfigVariable + "=" + kubeconfig}
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	n.write(t, "go.sum", read(t, "../go.sum"))
	n.does(t, "go mod init example.com/slope")
	n.does(t, "go mod edit -require github.com/org/k8sorch@v0.0.0 -replace github.com/org/k8sorch="+repository)
	return n
}

func (n *newcomer) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// does calls a command as the page has it, which is to succeed, and returns what it prints.
func (n *newcomer) does(t *testing.T, line string) string {
	t.Helper()
	c := start(t, command{program: "sh", env: n.env, args: []string{"-c", `cd "$0" && ` + n.named.Replace(line), n.dir}})
	if code := c.waitUpTo(t, patienceWithCompiler); code != cli.ExitSucceeded {
		t.Fatalf("%s: exit code %d", line, code)
	}
	return c.stdout.String()
}

// read returns the text of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced returns the first block of a page that has these words behind its fence.
func fenced(t *testing.T, page, words string) string {
	t.Helper()
	const fence = "```"
	_, block, found := strings.Cut(page, "\n"+fence+words+"\n")
	block, _, closed := strings.Cut(block, fence+"\n")
	if !found || !closed {
		t.Fatalf("there is no block %q on the page", words)
	}
	return block
}

// ofTheProgram finds the commands that call the program, or build it.
var ofTheProgram = regexp.MustCompile(`(?m)^(?:go run \.|CGO_ENABLED=0 go build|\./slope) .*$`)

// TestNewcomer gives the commands of the README that run the program, and then those of the guide about clusters. The module is
// made by newNewcomer, since nothing is published yet that go mod tidy could find.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	n := s.newNewcomer(t)
	readme, guide := read(t, "../README.md"), read(t, "../docs/guide/first-pipeline.md")
	n.write(t, "main.go", fenced(t, readme, "go examples/01-hello/main.go"))
	n.write(t, "main_test.go", fenced(t, guide, "go examples/01-hello/main_test.go"))
	n.does(t, "go test .")
	commands := ofTheProgram.FindAllString(fenced(t, readme, "sh"), -1)
	if len(commands) != 2 {
		t.Fatalf("the README runs %q, want one command for this machine and one for a cluster", commands)
	}
	for _, command := range commands {
		if got := n.does(t, command); got != "slope 2\n" {
			t.Errorf("%s: standard output is %q", command, got)
		}
	}
	s.wantOnePodEach(t, []string{"load", "train"})

	_, guide, _ = strings.Cut(guide, "\n## Run it on a cluster\n")
	wants := []string{"", "slope 2\n", "", "kind: Job\n"}
	commands = ofTheProgram.FindAllString(guide, -1)
	if len(commands) != len(wants) {
		t.Fatalf("the guide runs %q, want %d commands", commands, len(wants))
	}
	for i, command := range commands {
		switch got := n.does(t, command); {
		case wants[i] == "" && got != "":
			t.Errorf("%s: standard output is %q, want none", command, got)
		default:
			wantText(t, got, wants[i])
		}
	}
}
