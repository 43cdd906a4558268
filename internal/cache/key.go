// Package cache decides when the value that a step had in one run is its value in another: what the key is made of, which
// of the earlier results is taken, and why none is. It knows neither Kubernetes nor files; where earlier results are, and
// how their values are fetched, the clusters tell it.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// Recipe is all that the value of a cached step depends on.
type Recipe struct {
	// Pipeline and Step name the step. Pipelines share no values: that two of them call a step the same means nothing.
	Pipeline, Step string
	// Version stands for what the step's function does.
	Version string
	// Shape describes how the value is encoded.
	Shape string
	// Arguments are those of the function, in order.
	Arguments []Argument
}

// Argument is one argument of a step's function.
type Argument struct {
	// Kind tells the value of another step from a parameter.
	Kind graph.Kind
	// Name is that of the step or parameter.
	Name string
	// Value is the digest of a step's value, or the JSON of a parameter's.
	Value string
}

// RecipeOf returns the recipe of a step of the plan. Digest gives the digest of the value of a step that comes before it.
func RecipeOf(p *plan.Plan, step string, digest func(step string) (string, error)) (Recipe, error) {
	node, _ := p.Graph.Node(step)
	cached, _ := p.CachedStep(step)
	r := Recipe{Pipeline: p.Graph.Pipeline, Step: step, Version: cached.Version, Shape: node.Shape}
	for _, name := range node.Inputs {
		up, _ := p.Graph.Node(name)
		argument := Argument{Kind: up.Kind, Name: name, Value: string(p.Params[name])}
		if up.Kind == graph.Step {
			var err error
			if argument.Value, err = digest(name); err != nil {
				return Recipe{}, fmt.Errorf("making the cache key of step %q: %w", step, err)
			}
		}
		r.Arguments = append(r.Arguments, argument)
	}
	return r, nil
}

// Seal returns the recipe's key and its parts, as they are recorded.
func (r Recipe) Seal() *record.Cache {
	texts := []string{r.Pipeline, r.Step, r.Version, r.Shape}
	parts := map[string]string{partVersion: short(r.Version), partShape: short(r.Shape)}
	for _, a := range r.Arguments {
		texts = append(texts, string(a.Kind), a.Name, a.Value)
		parts[a.part()] = short(a.Value)
	}
	sum := sum(texts)
	return &record.Cache{Key: hex.EncodeToString(sum[:]), Parts: parts}
}

// Names of the parts that every key has.
const (
	partVersion = "version"
	partShape   = "type of the value"
)

// part is the name of an argument among the parts.
func (a Argument) part() string {
	if a.Kind == graph.Param {
		return "parameter " + a.Name
	}
	return "input " + a.Name
}

// sum hashes texts such that no two lists of them are hashed alike: each comes after its length.
func sum(texts []string) (digest [sha256.Size]byte) {
	h := sha256.New()
	for _, text := range texts {
		// Writing to a hash cannot fail.
		_, _ = fmt.Fprintf(h, "%d:", len(text))
		_, _ = io.WriteString(h, text)
	}
	h.Sum(digest[:0])
	return digest
}

// shortDigest is the size of a part's digest in bytes. It decides nothing, so it may be small; the record has to fit into
// a termination message.
const shortDigest = 6

func short(text string) string {
	digest := sum([]string{text})
	return hex.EncodeToString(digest[:shortDigest])
}
