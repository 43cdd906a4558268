package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/org/k8sorch/cli"
)

// TestOutage takes a part of the cluster away in the middle of a run, which is only delayed: no attempt is spent, no step
// runs twice. All runs on the cluster suffer, so this test is not parallel with any other.
func TestOutage(t *testing.T) {
	requireParts(t)
	for _, o := range []struct {
		name  string
		part  string
		cause func(*testing.T, string, time.Duration)
		d     time.Duration
		slow  bool
	}{
		{"API server hangs for 10s", apiServer, hang, 10 * time.Second, false},
		{"API server is killed", apiServer, down, 0, false},
		{"API server hangs for 60s", apiServer, hang, time.Minute, true},
		{"API server is down for 60s", apiServer, down, time.Minute, true},
		{"etcd hangs for 20s", etcd, hang, 20 * time.Second, true},
		{"etcd is killed", etcd, down, 0, true},
	} {
		t.Run(o.name, func(t *testing.T) {
			if o.slow && os.Getenv("K8SORCH_E2E_FULL") == "" {
				t.Skip("it takes a minute; set K8SORCH_E2E_FULL")
			}
			s := newScene(t)
			c := s.start(t, fourLayers().command(t, 2*time.Second))
			s.running(t, stepOf(1, 0))
			o.cause(t, o.part, o.d)
			over := time.Now()
			s.waitReady(t)
			t.Logf("the API server was ready again after %s", time.Since(over).Round(100*time.Millisecond))
			c.wantExit(t, cli.ExitSucceeded)
			t.Logf("the run ended after %s", time.Since(over).Round(100*time.Millisecond))
			s.wantSound(t, fourLayers())
		})
	}
}

// waitReady waits until the API server says that it is ready.
func (e *env) waitReady(t *testing.T) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		_, err := e.client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err == nil, nil
	})
	if err != nil {
		t.Fatalf("waiting for the API server: %v", err)
	}
}
