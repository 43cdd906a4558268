package node

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/cluster/internal/pki"
)

// TestFlagsOfBenchmarks compares the flags with those of a stock control plane.
func TestFlagsOfBenchmarks(t *testing.T) {
	t.Parallel()
	authority, err := pki.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	added := func(n Node, args func(*Node) []string) []string {
		n.Authority = authority
		return slices.DeleteFunc(args(&n), func(arg string) bool { return slices.Contains(args(&Node{Authority: authority}), arg) })
	}
	server := func(n *Node) []string { return n.APIServerComponent().Args }
	controllers := func(n *Node) []string { return n.ControllerManagerComponent().Args }
	for _, test := range []struct {
		name string
		node Node
		args func(*Node) []string
		want []string
	}{
		{"batched audit", Node{BatchAudit: true}, server, []string{"--audit-log-mode=batch", "--audit-log-batch-buffer-size=200000"}},
		{"batched audit", Node{BatchAudit: true}, controllers, []string{}},
		{"tuned", Node{Tuned: true}, server, []string{}},
		{"tuned", Node{Tuned: true}, controllers, []string{"--kube-api-qps=1000", "--kube-api-burst=2000", "--concurrent-job-syncs=20"}},
	} {
		if diff := cmp.Diff(test.want, added(test.node, test.args)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
