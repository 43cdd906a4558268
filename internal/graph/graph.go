// Package graph holds what remains of a pipeline once its Go types are erased: names, edges and the shapes of values.
//
// Every role of the binary rebuilds the graph from the same main function, so two graphs that should be one can be
// compared: [Graph.Fingerprint] says whether they differ, [Diff] says where.
package graph

import "slices"

// Kind tells what a node is.
type Kind string

const (
	// Step is a node that runs a function.
	Step Kind = "step"
	// Param is a node whose value is given when the run is submitted.
	Param Kind = "param"
)

// Hook says after which end of the run a step runs that is a hook.
type Hook string

const (
	// OnSuccess runs after a run that has succeeded.
	OnSuccess Hook = "success"
	// OnFailure runs after a run that has not.
	OnFailure Hook = "failure"
	// OnExit runs after every run.
	OnExit Hook = "exit"
)

// Graph is a pipeline without its functions. Nodes stand in topological order: dependencies come first.
type Graph struct {
	// Pipeline is the pipeline's name.
	Pipeline string `json:"pipeline"`
	// Nodes are the steps and parameters that the pipeline's goals depend on, and the goals.
	Nodes []Node `json:"nodes"`
}

// Node is one step or parameter.
type Node struct {
	// Name is unique in the graph, a DNS-1123 label.
	Name string `json:"name"`
	// Kind tells steps from parameters.
	Kind Kind `json:"kind"`
	// Inputs are the names of the nodes whose values the step's function takes, in the order of its arguments.
	Inputs []string `json:"inputs,omitempty"`
	// After are the names of the steps that come first though none of their values is used.
	After []string `json:"after,omitempty"`
	// Shape describes how the node's value is encoded.
	Shape string `json:"shape"`
	// Hook is set for a step that runs once the others are over. It takes how the run ended, has no inputs, and no step
	// comes after it.
	Hook Hook `json:"hook,omitempty"`
}

// Steps returns the nodes that run a function, in topological order, the hooks last.
func (g Graph) Steps() []Node {
	var steps []Node
	for _, n := range g.Nodes {
		if n.Kind == Step {
			steps = append(steps, n)
		}
	}
	return steps
}

// Node returns the node called name.
func (g Graph) Node(name string) (Node, bool) {
	i := slices.IndexFunc(g.Nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		return Node{}, false
	}
	return g.Nodes[i], true
}

// Index finds the nodes of a graph by their names.
type Index map[string]*Node

// Index returns the index of the graph, for those who look up more than a few nodes. The graph is not to be changed after that.
func (g Graph) Index() Index {
	nodes := make(Index, len(g.Nodes))
	for i := range g.Nodes {
		nodes[g.Nodes[i].Name] = &g.Nodes[i]
	}
	return nodes
}

// Node returns the node called name.
func (i Index) Node(name string) (Node, bool) {
	n, ok := i[name]
	if !ok {
		return Node{}, false
	}
	return *n, true
}

// Needs returns, for each step, the names of the steps that it waits for, parameters left out, each once.
func (g Graph) Needs() map[string][]string {
	needs := make(map[string][]string, len(g.Nodes))
	for _, n := range g.Nodes { // in topological order: what n waits for is there already
		if n.Kind != Step {
			continue
		}
		var own []string
		seen := map[string]bool{}
		for _, name := range slices.Concat(n.Inputs, n.After) {
			if _, step := needs[name]; step && !seen[name] {
				seen[name] = true
				own = append(own, name)
			}
		}
		needs[n.Name] = own
	}
	return needs
}
