// Package exampletest runs the programs below examples in their tests, as people run them: each step as a child process.
package exampletest

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Main makes the test's binary the example's program, too: under this name it runs main. It runs the tests and does not
// return.
func Main(m *testing.M, name string, main func()) {
	testscript.Main(m, map[string]func(){name: main})
}

// Run runs the scripts in the example's directory testdata. Each has a cache directory of its own, and with it runs of
// its own.
func Run(t *testing.T) {
	t.Helper()
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", env.WorkDir+"/cache")
			return nil
		},
	})
}
