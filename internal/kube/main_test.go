package kube

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// TestMain is also the main function of a kubeconfig's exec plugin.
func TestMain(m *testing.M) {
	if issued := os.Getenv(pluginVariable); issued != "" {
		os.Exit(execPlugin(issued))
	}
	// They share a clock for the whole process: after an error in one bubble they sleep in another until that time comes.
	utilruntime.ErrorHandlers = nil //nolint:reassign // That is what the variable is for.
	goleak.VerifyTestMain(m)
}

// golden compares got with the file testdata/name, which -update rewrites.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}
