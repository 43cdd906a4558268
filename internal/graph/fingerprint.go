package graph

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Fingerprint is the SHA-256, in hex, of the graph's names, edges and shapes. The order in which nodes were declared
// does not count.
func (g Graph) Fingerprint() string {
	// Marshalling strings and slices of them cannot fail.
	b, _ := json.Marshal(g.sorted())
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sorted returns the graph with everything whose order means nothing in order of name. Inputs keep theirs: they are
// the arguments of a function.
func (g Graph) sorted() Graph {
	nodes := slices.Clone(g.Nodes)
	for i := range nodes {
		nodes[i].After = slices.Sorted(slices.Values(nodes[i].After))
	}
	slices.SortFunc(nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	return Graph{Pipeline: g.Pipeline, Nodes: nodes}
}

// Diff says in which points the graph rebuilt here differs from the one submitted, one line each; it is empty when
// their fingerprints are equal.
func Diff(submitted, rebuilt Graph) []string {
	var lines []string
	if submitted.Pipeline != rebuilt.Pipeline {
		lines = append(lines, fmt.Sprintf("pipeline: %q when submitted, %q here", submitted.Pipeline, rebuilt.Pipeline))
	}
	old, now := byName(submitted), byName(rebuilt)
	for _, name := range unionOfNames(old, now) {
		lines = append(lines, diffNode(name, old[name], now[name])...)
	}
	return lines
}

func diffNode(name string, old, now *Node) []string {
	switch {
	case now == nil:
		return []string{fmt.Sprintf("%s %q: missing here", old.Kind, name)}
	case old == nil:
		return []string{fmt.Sprintf("%s %q: only here, not when submitted", now.Kind, name)}
	}
	var lines []string
	differ := func(what, a, b string) {
		if a != b {
			lines = append(lines, fmt.Sprintf("%s %q: %s %s when submitted, %s here", old.Kind, name, what, a, b))
		}
	}
	differ("kind", string(old.Kind), string(now.Kind))
	differ("inputs", list(old.Inputs), list(now.Inputs))
	differ("after", list(old.After), list(now.After))
	differ("value", old.Shape, now.Shape)
	differ("hook", string(cmp.Or(old.Hook, "none")), string(cmp.Or(now.Hook, "none")))
	return lines
}

func list(names []string) string { return "[" + strings.Join(names, " ") + "]" }

func byName(g Graph) map[string]*Node {
	nodes := make(map[string]*Node, len(g.Nodes))
	for _, n := range g.sorted().Nodes {
		nodes[n.Name] = &n
	}
	return nodes
}

func unionOfNames(a, b map[string]*Node) []string {
	var names []string
	for _, m := range []map[string]*Node{a, b} {
		for name := range m {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
