package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/k8sorchtest"
)

// TestPipeline runs all of it as it runs on Kubernetes, and compares the report with the one that the steps' own tests
// have made.
func TestPipeline(t *testing.T) {
	t.Parallel()
	p, report := quickstart()
	run := k8sorchtest.Run(t, p)
	got, err := report.Result(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := got.print(&text); err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{"report.txt": text.String(), "penguins.svg": got.Plot} {
		want, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// maxProgram is the most bytes that the stripped program may have: each change of it is uploaded and pulled.
const maxProgram = 36_000_000

func TestProgramStaysSmall(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("links the program")
	}
	program := filepath.Join(t.TempDir(), "quickstart")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, output)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxProgram {
		t.Errorf("the program has %d bytes, want at most %d", info.Size(), maxProgram)
	}
	t.Logf("%d bytes", info.Size())
}
