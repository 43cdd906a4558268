package graph

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func TestSVG(t *testing.T) {
	t.Parallel()
	const path = "testdata/drawn.svg"
	got := drawn().SVG()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), run with -update if this is meant:\n%s", path, diff)
	}
}

// The names of steps are checked elsewhere. A picture is read by browsers, so it does not rely on that.
func TestSVGHoldsNamesAsText(t *testing.T) {
	t.Parallel()
	const name = `</text><script>"&'`
	decoder := xml.NewDecoder(strings.NewReader(Graph{Pipeline: name, Nodes: []Node{{Name: name, Kind: Step}}}.SVG()))
	var texts []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, is := token.(xml.CharData); is && strings.Contains(string(text), "script") {
			texts = append(texts, string(text))
		}
	}
	if diff := cmp.Diff([]string{name, name, name}, texts); diff != "" {
		t.Errorf("titles and text (-want +got):\n%s", diff)
	}
}

// Edges lead from layer to layer, and nothing is on top of anything else, whatever the graph.
func TestLayers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		g := random(seed)
		edges := g.edges()
		l := g.layers(edges)
		for i, route := range l.routes {
			for j := range len(route) - 1 {
				if route[j+1].layer != route[j].layer+1 {
					t.Errorf("seed %d: %v leads from layer %d to layer %d", seed, edges[i], route[j].layer, route[j+1].layer)
				}
			}
		}
		for _, column := range l.columns {
			for i := range len(column) - 1 {
				if apart := column[i+1].y - column[i].y; apart < 1-1e-9 {
					t.Errorf("seed %d: spots %d and %d of layer %d are %f rows apart", seed, i, i+1, column[i].layer, apart)
				}
			}
		}
		if again := g.SVG(); again != g.SVG() {
			t.Errorf("seed %d: two pictures of one graph differ", seed)
		}
	}
}

// Two rows that were declared crosswise are drawn without a crossing.
func TestLayersUncross(t *testing.T) {
	t.Parallel()
	g := Graph{Nodes: []Node{
		{Name: "a", Kind: Step}, {Name: "b", Kind: Step},
		{Name: "b2", Kind: Step, Inputs: []string{"b"}}, {Name: "a2", Kind: Step, Inputs: []string{"a"}},
	}}
	var got [][]string
	for _, column := range g.layers(g.edges()).columns {
		var names []string
		for _, s := range column {
			names = append(names, s.node.Name)
		}
		got = append(got, names)
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"a2", "b2"}}, got); diff != "" {
		t.Errorf("layers (-want +got):\n%s", diff)
	}
}

func random(seed uint64) Graph {
	r := rand.New(rand.NewPCG(seed, 0))
	g := Graph{Pipeline: "random"}
	for i := range 2 + r.IntN(30) {
		n := Node{Name: fmt.Sprintf("step-%d", i), Kind: Step}
		for range min(i, r.IntN(4)) {
			n.Inputs = append(n.Inputs, g.Nodes[r.IntN(i)].Name)
		}
		if i > 0 && r.IntN(3) == 0 {
			n.After = []string{g.Nodes[r.IntN(i)].Name}
		}
		g.Nodes = append(g.Nodes, n)
	}
	g.Nodes = slices.Concat(g.Nodes, []Node{{Name: "tell", Kind: Step, Hook: OnExit}})
	return g
}
