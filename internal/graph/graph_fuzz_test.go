package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/graph"
)

// made makes a graph out of bytes: each two of them are a node.
func made(data []byte) graph.Graph {
	g := graph.Graph{Pipeline: "p"}
	for i := 0; i+1 < len(data) && i < 40; i += 2 {
		n := graph.Node{Name: fmt.Sprintf("n%d", i/2), Kind: graph.Step, Shape: []string{"int", "string", "{}"}[data[i]%3]}
		if data[i]&64 > 0 {
			n.Kind = graph.Param
		}
		for j := range i / 2 {
			if int(data[i+1])>>(j%8)&1 > 0 {
				n.Inputs = append(n.Inputs, fmt.Sprintf("n%d", j))
			}
			if int(data[i])>>(j%6)&1 > 0 {
				n.After = append(n.After, fmt.Sprintf("n%d", j))
			}
		}
		g.Nodes = append(g.Nodes, n)
	}
	return g
}

// FuzzDiff checks that the fingerprint and the differences never contradict each other.
func FuzzDiff(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6}, []byte{1, 2, 3, 4, 5, 7})
	f.Add([]byte{65, 2, 3, 4}, []byte{1, 2, 3, 4, 0, 0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		one, other := made(a), made(b)
		same := one.Fingerprint() == other.Fingerprint()
		if lines := graph.Diff(one, other); same != (len(lines) == 0) {
			t.Errorf("same fingerprint: %t, differences: %q", same, lines)
		}
		if there, back := graph.Diff(one, other), graph.Diff(other, one); len(there) != len(back) {
			t.Errorf("%d differences one way, %d the other", len(there), len(back))
		}
		shuffled := graph.Graph{Pipeline: one.Pipeline, Nodes: slices.Clone(one.Nodes)}
		slices.Reverse(shuffled.Nodes)
		if shuffled.Fingerprint() != one.Fingerprint() {
			t.Error("the order of the nodes changes the fingerprint")
		}
	})
}

func TestFingerprintSurvivesThePlan(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	var g graph.Graph
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if got, want := g.Fingerprint(), sample().Fingerprint(); got != want {
		t.Errorf("fingerprint = %s, want %s", got, want)
	}
}

// A plan of an older binary carries a fingerprint, so what it is made of must not change by accident.
func TestFingerprintIsForGood(t *testing.T) {
	t.Parallel()
	const want = "5ca89dd129a018c82892c9ef11ed6f8f19e76cfc7a5c7342daa4315a1cff0594"
	if got := sample().Fingerprint(); got != want {
		t.Errorf("fingerprint = %s, want %s", got, want)
	}
}

func TestFingerprintLeavesTheGraphAsItIs(t *testing.T) {
	t.Parallel()
	g := sample()
	g.Fingerprint()
	graph.Diff(g, sample())
	if diff := cmp.Diff(sample(), g); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
}

func TestStepsLeaveParametersOut(t *testing.T) {
	t.Parallel()
	var names []string
	for _, n := range sample().Steps() {
		names = append(names, n.Name)
	}
	if diff := cmp.Diff([]string{"load", "clean", "train"}, names); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
