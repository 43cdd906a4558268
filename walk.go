package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// visit says how far a walk has come with a node.
type visit int

const (
	entered visit = iota + 1
	left
)

// walk visits what goals depend on, dependencies first.
type walk struct {
	state  map[*node]visit
	path   []*node
	order  []*node
	cycles []cycle
}

// cycle is a way from a step back to itself.
type cycle struct {
	at   site
	text string
}

func (w *walk) visit(n *node) {
	switch w.state[n] {
	case left:
		return
	case entered:
		w.cycles = append(w.cycles, w.cycleTo(n))
		return
	}
	w.state[n] = entered
	w.path = append(w.path, n)
	for _, up := range n.upstream() {
		w.visit(up)
	}
	w.path = w.path[:len(w.path)-1]
	w.state[n] = left
	w.order = append(w.order, n)
}

// cycleTo describes the cycle that the walk closes by coming back to n.
func (w *walk) cycleTo(n *node) cycle {
	start := slices.Index(w.path, n)
	loop := append(slices.Clone(w.path[start:]), n)
	return cycle{at: afterSite(loop), text: fmt.Sprintf(
		"step %q waits for itself: %s; take an After out of this cycle", n.name, strings.Join(names(loop), " → "))}
}

// afterSite returns where one of the loop's edges was declared with After. There is one in each loop, since arguments
// are made before the steps that take them.
func afterSite(loop []*node) site {
	for i, n := range loop[:len(loop)-1] {
		for _, e := range n.after {
			if e.to == loop[i+1] {
				return e.at
			}
		}
	}
	return loop[0].site
}

// checkNames notes names that are not labels and names that are there twice.
func (p *Pipeline) checkNames(nodes []*node) {
	if text := labelProblem(p.name); text != "" {
		p.mistakef(p.site, "pipeline name %q %s", p.name, text)
	}
	first := map[string]*node{}
	for _, n := range nodes {
		if text := labelProblem(n.name); text != "" {
			p.mistakef(n.site, "%s name %q %s", n.what(), n.name, text)
		}
		if other, ok := first[n.name]; ok {
			p.mistakef(n.site, "%s name %q is taken already by the %s at %s; give every step, parameter and hook a name of its own",
				n.what(), n.name, other.what(), other.site)
			continue
		}
		first[n.name] = n
	}
}

// labelProblem says why a name is not a DNS-1123 label, and what to do; it is empty for one that is.
func labelProblem(name string) string {
	switch {
	case name == "":
		return "is empty; give it a name of lower-case letters, digits and dashes"
	case len(name) > validation.DNS1123LabelMaxLength:
		return fmt.Sprintf("has %d bytes; a label on Kubernetes holds %d, so shorten it", len(name), validation.DNS1123LabelMaxLength)
	case len(validation.IsDNS1123Label(name)) > 0:
		return "is not a DNS-1123 label; use lower-case letters, digits and dashes, and begin and end with a letter or digit"
	}
	return ""
}
