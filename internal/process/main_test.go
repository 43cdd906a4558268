//go:build darwin || linux

package process_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/org/k8sorch/internal/reexec"
)

// TestMain is also the main function of the processes that the tests start: of steps, and of a process that runs a
// pipeline and is killed.
func TestMain(m *testing.M) {
	role, err := reexec.FromEnv()
	switch {
	case err != nil:
		panic(err)
	case role.Kind == reexec.Step:
		os.Exit(stepMain(role))
	case os.Getenv(envOwner) != "":
		os.Exit(ownerMain(os.Getenv(envOwner)))
	case os.Getenv(envHeir) != "":
		os.Exit(heirMain(os.Getenv(envHeir)))
	}
	goleak.VerifyTestMain(m)
}
