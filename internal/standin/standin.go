// Package standin puts other functions in the place of those of steps, for the test kit.
package standin

import "context"

// Set holds the functions that stand in, by the names of their steps. Each has the type of its step's function.
type Set map[string]any

type contextKey struct{}

// NewContext returns a context in which steps are run with the functions of the set.
func NewContext(ctx context.Context, s Set) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// For returns what stands in for a step's function, or else the function itself.
func For[F any](ctx context.Context, step string, fn F) F {
	s, _ := ctx.Value(contextKey{}).(Set)
	if other, ok := s[step].(F); ok {
		return other
	}
	return fn
}
