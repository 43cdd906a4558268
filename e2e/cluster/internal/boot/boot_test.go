package boot

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

func TestTail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, want string
		lines      int
	}{
		"empty":          {text: "", lines: 2, want: ""},
		"fewer lines":    {text: "a\nb\n", lines: 3, want: "a\nb"},
		"as many lines":  {text: "a\nb\n", lines: 2, want: "a\nb"},
		"more lines":     {text: "a\nb\nc\n", lines: 2, want: "b\nc"},
		"unfinished one": {text: "a\nb\nc", lines: 1, want: "c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(tail([]byte(test.text), test.lines)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPrintLogs(t *testing.T) {
	t.Parallel()
	dir := state.Dir(t.TempDir() + "/state")
	if err := dir.Create(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"etcd", "kubelet", "audit"} {
		if err := os.WriteFile(dir.Log(name), []byte(name+" said this\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		cause error
		want  string
	}{
		"of the one that ended": {cause: &supervise.ExitError{Component: "etcd"}, want: "etcd"},
		"of all when none did":  {cause: errors.New("too slow"), want: "etcd kubelet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			printLogs(&out, dir, test.cause)
			var got []string
			for line := range strings.Lines(out.String()) {
				if name, ok := strings.CutSuffix(line, " said this\n"); ok {
					got = append(got, name)
				}
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("printed the logs of %q, want %q", got, test.want)
			}
		})
	}
}

func TestSchedulable(t *testing.T) {
	t.Parallel()
	ready := func(status corev1.ConditionStatus) corev1.NodeStatus {
		return corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}}
	}
	tainted := corev1.NodeSpec{Taints: []corev1.Taint{{Key: corev1.TaintNodeNotReady}}}
	for name, test := range map[string]struct {
		node corev1.Node
		want bool
	}{
		"ready":          {node: corev1.Node{Status: ready(corev1.ConditionTrue)}, want: true},
		"not ready":      {node: corev1.Node{Status: ready(corev1.ConditionFalse)}},
		"just made":      {node: corev1.Node{}},
		"ready, tainted": {node: corev1.Node{Spec: tainted, Status: ready(corev1.ConditionTrue)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := schedulable(&test.node); (err == nil) != test.want {
				t.Errorf("got %v, want schedulable: %v", err, test.want)
			}
		})
	}
}
