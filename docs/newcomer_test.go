package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFirstPipelineInAModuleOfItsOwn does what the guide says, in an empty directory outside of the repository: its files, its
// tests, its program.
func TestFirstPipelineInAModuleOfItsOwn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("links two programs")
	}
	const page = "docs/guide/first-pipeline.md"
	dir := t.TempDir()
	write(t, dir, "go.mod", moduleFile(t))
	write(t, dir, "go.sum", read(t, "go.sum"))
	for _, b := range blocks(t, page) {
		if b.language == "go" {
			write(t, dir, filepath.Base(b.file), b.text)
		}
	}
	goCommand(t, dir, "test", ".")
	output := goCommand(t, dir, "run", ".", "--rows", "5000", "--dir", t.TempDir())
	for _, b := range blocks(t, page) {
		if b.language == "text" && b.text == output {
			return
		}
	}
	t.Errorf("the program prints %q, which %s does not show", output, page)
}

// moduleFile is what `go mod tidy` would make, without asking the network for anything: the library is the one of this
// repository, and what it requires is required.
func moduleFile(t *testing.T) string {
	t.Helper()
	directory, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	own := "module github.com/org/k8sorch\n"
	required, ok := strings.CutPrefix(read(t, "go.mod"), own)
	if !ok {
		t.Fatalf("go.mod does not begin with %q", own)
	}
	return "module example.com/slope\n" + required + "\nrequire github.com/org/k8sorch v0.0.0\n" +
		"\nreplace github.com/org/k8sorch => " + directory + "\n"
}

// goCommand runs the go command and returns what it prints.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var failed strings.Builder
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = dir, &failed
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, output, failed.String())
	}
	return string(output)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
