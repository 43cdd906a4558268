package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/graph"
)

func sample(change ...func(*graph.Graph)) graph.Graph {
	g := graph.Graph{Pipeline: "p", Nodes: []graph.Node{
		{Name: "rows", Kind: graph.Param, Shape: "int"},
		{Name: "load", Kind: graph.Step, Inputs: []string{"rows"}, Shape: "[]int"},
		{Name: "clean", Kind: graph.Step, Shape: "{}"},
		{Name: "train", Kind: graph.Step, Inputs: []string{"load", "rows"}, After: []string{"clean", "load"}, Shape: "float64"},
	}}
	for _, c := range change {
		c(&g)
	}
	return g
}

func TestNeedsAreStepsEachOnce(t *testing.T) {
	t.Parallel()
	g := sample()
	if diff := cmp.Diff([]string{"load", "clean"}, g.Needs()["train"]); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	if _, ok := g.Node("nothing"); ok {
		t.Error("there is a node of a name that nobody gave")
	}
}

func TestOrderOfDeclarationDoesNotCount(t *testing.T) {
	t.Parallel()
	other := sample(func(g *graph.Graph) {
		g.Nodes[0], g.Nodes[2] = g.Nodes[2], g.Nodes[0]
		g.Nodes[3].After = []string{"load", "clean"}
	})
	if a, b := sample().Fingerprint(), other.Fingerprint(); a != b {
		t.Errorf("fingerprints differ: %s, %s", a, b)
	}
	if lines := graph.Diff(sample(), other); len(lines) > 0 {
		t.Errorf("differences: %v", lines)
	}
}

func TestEveryDifferenceIsSeenAndSaid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*graph.Graph)
		want   []string
	}{
		"pipeline": {func(g *graph.Graph) { g.Pipeline = "q" }, []string{`pipeline: "p" when submitted, "q" here`}},
		"shape":    {func(g *graph.Graph) { g.Nodes[1].Shape = "[]string" }, []string{`step "load": value []int when submitted, []string here`}},
		"inputs": {
			func(g *graph.Graph) { g.Nodes[3].Inputs = []string{"rows", "load"} },
			[]string{`step "train": inputs [load rows] when submitted, [rows load] here`},
		},
		"after":   {func(g *graph.Graph) { g.Nodes[3].After = nil }, []string{`step "train": after [clean load] when submitted, [] here`}},
		"kind":    {func(g *graph.Graph) { g.Nodes[0].Kind = graph.Step }, []string{`param "rows": kind param when submitted, step here`}},
		"hook":    {func(g *graph.Graph) { g.Nodes[3].Hook = graph.OnExit }, []string{`step "train": hook none when submitted, exit here`}},
		"missing": {func(g *graph.Graph) { g.Nodes = g.Nodes[:3] }, []string{`step "train": missing here`}},
		"renamed": {
			func(g *graph.Graph) { g.Nodes[2].Name = "scrub" },
			[]string{`step "clean": missing here`, `step "scrub": only here, not when submitted`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := sample(tt.change)
			if sample().Fingerprint() == other.Fingerprint() {
				t.Error("the fingerprints are equal")
			}
			if diff := cmp.Diff(tt.want, graph.Diff(sample(), other)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}
