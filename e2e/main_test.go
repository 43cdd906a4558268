package e2e

import (
	"fmt"
	"os"
	"testing"
)

// Environment variables that name the cluster to test on. Both are required: a cluster is used only when named.
const (
	// kubeconfigVariable is the path of a kubeconfig; its current context is used.
	kubeconfigVariable = "KUBECONFIG"
	// registryVariable is the host:port, with an optional path, of a registry that takes pushes from here and that the
	// cluster pulls from under the same name.
	registryVariable = "K8SORCH_E2E_REGISTRY"
)

func TestMain(m *testing.M) {
	for _, name := range []string{kubeconfigVariable, registryVariable} {
		if os.Getenv(name) == "" {
			fmt.Fprintf(os.Stderr, "%s is not set: the end-to-end tests need a cluster; e2e/run.sh brings one, e2e/README.md tells more\n", name)
			os.Exit(1)
		}
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	folder, err := programDir()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	return m.Run()
}
