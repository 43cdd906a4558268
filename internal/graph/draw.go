package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Text returns the graph with one line for each node: a step with what it takes and what it comes after.
func (g Graph) Text() string {
	width := 0
	for _, n := range g.Nodes {
		width = max(width, len(n.Name))
	}
	var b strings.Builder
	for _, n := range g.Nodes {
		line := fmt.Sprintf("%-*s  %s", width, n.Name, strings.Join(n.words(), "; "))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// words say what a node is and what it waits for.
func (n Node) words() []string {
	var words []string
	switch {
	case n.Kind == Param:
		words = append(words, "parameter")
	case n.Hook != "":
		words = append(words, "hook: "+n.Hook.words())
	}
	if len(n.Inputs) > 0 {
		words = append(words, "takes "+strings.Join(n.Inputs, ", "))
	}
	if len(n.After) > 0 {
		words = append(words, "after "+strings.Join(n.After, ", "))
	}
	return words
}

func (h Hook) words() string {
	if h == OnExit {
		return "at the end of every run"
	}
	return "after " + string(h)
}

// edge is the line between two nodes. One that carries no value only orders them.
type edge struct {
	from, to string
	value    bool
}

// edges returns the lines of the drawing, each once, by the order of the nodes.
func (g Graph) edges() []edge {
	var edges []edge
	for _, n := range g.Nodes {
		for _, from := range n.Inputs {
			if e := (edge{from, n.Name, true}); !slices.Contains(edges, e) {
				edges = append(edges, e)
			}
		}
		for _, from := range n.After {
			if !slices.Contains(edges, edge{from, n.Name, true}) {
				edges = append(edges, edge{from, n.Name, false})
			}
		}
	}
	return edges
}

// Dot returns the graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html).
func (g Graph) Dot() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n  rankdir=LR\n  node [shape=box]\n", g.Pipeline)
	for _, n := range g.Nodes {
		switch {
		case n.Kind == Param:
			fmt.Fprintf(&b, "  %q [shape=ellipse]\n", n.Name)
		case n.Hook != "":
			fmt.Fprintf(&b, "  %q [style=dashed, tooltip=%q]\n", n.Name, n.Hook.words())
		default:
			fmt.Fprintf(&b, "  %q\n", n.Name)
		}
	}
	for _, e := range g.edges() {
		style := ""
		if !e.value {
			style = " [style=dashed]"
		}
		fmt.Fprintf(&b, "  %q -> %q%s\n", e.from, e.to, style)
	}
	b.WriteString("}\n")
	return b.String()
}

// Mermaid returns the graph as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html). Nodes have numbers,
// because names may be words of that language.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[string]string{}
	for i, n := range g.Nodes {
		ids[n.Name] = fmt.Sprintf("n%d", i)
		shape := `["%s"]`
		switch {
		case n.Kind == Param:
			shape = `(["%s"])`
		case n.Hook != "":
			shape = `[["%s"]]`
		}
		fmt.Fprintf(&b, "  %s"+shape+"\n", ids[n.Name], n.Name)
	}
	for _, e := range g.edges() {
		line := "-->"
		if !e.value {
			line = "-.->"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", ids[e.from], line, ids[e.to])
	}
	return b.String()
}
