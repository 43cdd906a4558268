package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"testing"
)

// The programs that tests run as users do, each built by the first test that needs it.
var (
	buildQuickstart = sync.OnceValues(func() (string, error) { return build("..", "./examples/quickstart") })
	buildFaults     = sync.OnceValues(func() (string, error) { return build(".", "./testdata/faults") })
	buildScenarios  = sync.OnceValues(func() (string, error) { return build(".", "./testdata/scenarios") })
)

// programDir makes the folder that the programs are built in. TestMain removes it. Its name is not made of the process id,
// which a run of the tests in another cluster may have as well.
var programDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "k8sorch-e2e-programs-") })

// build builds a main package of the module in dir as a static executable, which runs on nodes as it is.
func build(dir, pkg string) (string, error) {
	folder, err := programDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, path.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return program, nil
}

// built returns the path of a program.
func built(t *testing.T, build func() (string, error)) string {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return program
}
