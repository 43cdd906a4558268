package pipeline

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
)

// node is a step or a parameter with its Go types erased: all that the packages below this one ever see.
type node struct {
	name   string
	kind   graph.Kind
	hook   graph.Hook
	site   site
	shape  string
	inputs []*node
	call   attempt.Func
	// fn is the type of the step's function.
	fn    reflect.Type
	param *parameter

	mu    sync.Mutex
	after []edge
	retry Retry
	// settings are the step's own; nil for none, which most have.
	settings *KubernetesOrchestratorSettings
	frozen   bool
	mistakes []Mistake
}

// ownSettings returns the settings that were given to the step itself.
func (n *node) ownSettings() KubernetesOrchestratorSettings {
	return orDefault(n.settings, KubernetesOrchestratorSettings{})
}

// what is the word for the node in an error.
func (n *node) what() string {
	if n.hook != "" {
		return "hook"
	}
	return string(n.kind)
}

// edge is an order without data, and where the user asked for it.
type edge struct {
	to *node
	at site
}

// mistakef notes what is wrong about the node, at the place where it was said. It is returned by Validate.
func (n *node) mistakef(at site, format string, args ...any) {
	n.mistakes = append(n.mistakes, Mistake{Pos: at.String(), Text: fmt.Sprintf(format, args...)})
}

// refine changes the node, unless a pipeline it belongs to is in use already: that is a mistake.
func (n *node) refine(at site, what string, change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.frozen {
		n.mistakef(at, "%s %q: %s comes too late, the pipeline is in use already; declare everything before Run, Submit, Dispatch or Validate",
			n.kind, n.name, what)
		return
	}
	change()
}

// freeze makes later refinements mistakes.
func (n *node) freeze() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.frozen = true
}

// found returns the mistakes noted so far.
func (n *node) found() []Mistake {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.mistakes)
}

// upstream returns the nodes that come before this one.
func (n *node) upstream() []*node {
	n.mu.Lock()
	defer n.mu.Unlock()
	up := slices.Clone(n.inputs)
	for _, e := range n.after {
		up = append(up, e.to)
	}
	return up
}
