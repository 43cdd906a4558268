package pipeline

import (
	"fmt"
	"slices"

	"github.com/org/k8sorch/internal/graph"
)

// design is a frozen pipeline: its nodes in topological order, the hooks last, and the graph they make.
type design struct {
	pipeline *Pipeline
	name     string
	nodes    []*node
	graph    graph.Graph
	settings KubernetesOrchestratorSettings
	// merged is what is wrong only once the settings of the pipeline and its steps are merged.
	merged []Mistake
}

// node returns the node called name.
func (d *design) node(name string) (*node, bool) {
	i := slices.IndexFunc(d.nodes, func(n *node) bool { return n.name == name })
	if i < 0 {
		return nil, false
	}
	return d.nodes[i], true
}

// freeze fixes the pipeline and checks it. Later calls return the same design, or what went wrong since.
func (p *Pipeline) freeze() (*design, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.design == nil {
		p.design = p.draw()
	}
	found := slices.Clone(p.mistakes)
	for _, n := range p.design.nodes {
		found = append(found, n.found()...)
	}
	if len(found) == 0 {
		found = p.design.merged
	}
	if len(found) > 0 {
		return nil, &ValidationError{Pipeline: p.name, Mistakes: inOrder(found)}
	}
	return p.design, nil
}

// draw walks the graph from the goals and notes what is wrong with it.
func (p *Pipeline) draw() *design {
	w := walk{state: map[*node]visit{}}
	for _, g := range p.goals {
		w.visit(g)
	}
	nodes := slices.Concat(w.order, p.hooks)
	for _, n := range nodes {
		n.freeze()
	}
	p.checkNames(nodes)
	for _, c := range w.cycles {
		p.mistakef(c.at, "%s", c.text)
	}
	if len(p.goals) == 0 {
		p.mistakef(p.site, "pipeline %q has no steps; name its goals with Step", p.name)
	}
	d := &design{pipeline: p, name: p.name, nodes: nodes, graph: p.graph(nodes), settings: p.settings}
	d.merged = d.checkMerged()
	return d
}

func (p *Pipeline) mistakef(at site, format string, args ...any) {
	p.mistakes = append(p.mistakes, Mistake{Pos: at.String(), Text: fmt.Sprintf(format, args...)})
}

func (p *Pipeline) graph(nodes []*node) graph.Graph {
	g := graph.Graph{Pipeline: p.name, Nodes: make([]graph.Node, 0, len(nodes))}
	for _, n := range nodes {
		g.Nodes = append(g.Nodes, graph.Node{
			Name: n.name, Kind: n.kind, Inputs: names(n.inputs), After: names(n.upstream()[len(n.inputs):]), Shape: n.shape, Hook: n.hook,
		})
	}
	return g
}

func names(nodes []*node) []string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.name)
	}
	return all
}

// inOrder drops repeated mistakes and keeps the order in which they were found.
func inOrder(found []Mistake) []Mistake {
	var once []Mistake
	for _, m := range found {
		if !slices.Contains(once, m) {
			once = append(once, m)
		}
	}
	return once
}
