package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/cli"
)

// TestBadInput tries what only shows when there is a cluster or a registry. Each mistake is told in one error that names
// the remedy, before anything is made on the cluster.
func TestBadInput(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	before := whats(e.inventory(t))
	for name, test := range map[string]struct {
		flags []string
		says  []string
	}{
		"namespace that does not exist": {
			[]string{"--namespace", "not-there", "--registry", e.registry},
			[]string{"namespace not-there does not exist", "kubectl create namespace not-there"},
		},
		"unknown artifact scheme": {
			[]string{"--registry", e.registry, "--artifacts", "ftp://files/artifacts"},
			[]string{"no artifact store serves ftp://", "pvc://claim/path"},
		},
		"bucket without its package": {
			[]string{"--registry", e.registry, "--artifacts", "s3://artifacts"},
			[]string{`import "github.com/org/k8sorch/bucket"`, "pipeline.WithArtifactStores(bucket.Open)"},
		},
		"directory that pods cannot see": {
			[]string{"--registry", e.registry, "--artifacts", "file:///tmp/artifacts"},
			[]string{"file:///tmp/artifacts is a directory of this machine", "pvc://claim/path"},
		},
		"no registry": {
			nil,
			[]string{"no registry is named", "--registry", "--image"},
		},
		"registry that is not there": {
			[]string{"--registry", deadAddress(t)},
			[]string{"cannot be reached", "check the address"},
		},
		"registry that denies the push": {
			[]string{"--registry", registryAnswering(t, http.StatusForbidden)},
			[]string{"does not let this account push here", "docker login"},
		},
		"registry that takes no pushes": {
			[]string{"--registry", registryAnswering(t, http.StatusMethodNotAllowed)},
			[]string{"takes no pushes", "change Registry"},
		},
		"registry in trouble": {
			[]string{"--registry", registryAnswering(t, http.StatusInternalServerError)},
			[]string{"is in trouble", "see the registry's log"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			flags := append([]string{"--kubeconfig", e.kubeconfig, "--namespace", e.namespace}, test.flags...)
			c := start(t, command{program: built(t, buildFaults), args: flags})
			c.wantExit(t, cli.ExitNotSubmitted)
			wantOneError(t, c.stderr.String(), test.says...)
		})
	}
	if diff := cmp.Diff(before, whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-before +after):\n%s", diff)
	}
}

// wantOneError fails the test unless the last line is the only error, and has the words.
func wantOneError(t *testing.T, stderr string, words ...string) {
	t.Helper()
	if got := strings.Count(stderr, "Error:"); got != 1 {
		t.Errorf("there are %d errors, want one, in:\n%s", got, stderr)
	}
	_, text, _ := strings.Cut(stderr, "Error:")
	wantText(t, text, words...)
}

// registryAnswering starts a registry that answers every request to change something with the status, and returns its
// address.
func registryAnswering(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v2/":
		case r.Method == http.MethodHead, r.Method == http.MethodGet:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// deadAddress returns an address of this machine at which nobody listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
