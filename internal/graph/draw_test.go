package graph

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drawn has every kind of node and edge, and a step whose name is a word of Mermaid.
func drawn() Graph {
	return Graph{Pipeline: "train", Nodes: []Node{
		{Name: "rows", Kind: Param},
		{Name: "load", Kind: Step, Inputs: []string{"rows", "rows"}},
		{Name: "warm", Kind: Step},
		{Name: "end", Kind: Step, Inputs: []string{"load"}, After: []string{"warm", "load"}},
		{Name: "tell", Kind: Step, Hook: OnFailure},
	}}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ got, want string }{
		"text": {drawn().Text(), `rows  parameter
load  takes rows, rows
warm
end   takes load; after warm, load
tell  hook: after failure
`},
		"dot": {drawn().Dot(), `digraph "train" {
  rankdir=LR
  node [shape=box]
  "rows" [shape=ellipse]
  "load"
  "warm"
  "end"
  "tell" [style=dashed, tooltip="after failure"]
  "rows" -> "load"
  "load" -> "end"
  "warm" -> "end" [style=dashed]
}
`},
		//nolint:dupword // an arrow ends and the next one begins
		"mermaid": {drawn().Mermaid(), `flowchart LR
  n0(["rows"])
  n1["load"]
  n2["warm"]
  n3["end"]
  n4[["tell"]]
  n0 --> n1
  n1 --> n3
  n2 -.-> n3
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
