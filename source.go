package pipeline

// Node is a step of any type, as [Pipeline.Step] and [Step.After] take it. Only steps of this package implement it.
type Node interface {
	step() *node
}

// Source is where a step's argument comes from: a step or a parameter whose value is a T. Only types of this package
// implement it, so an argument of the wrong type, or none, does not compile.
type Source[T any] interface {
	source(T) *node
}

// None is the value of a step that has nothing to hand on.
type None struct{}

// noneShape is the shape of a None, and of every value that says nothing.
const noneShape = "{}"

// erase returns the node behind a source, nil when the user passed nil.
func erase[T any](s Source[T]) *node {
	if s == nil {
		return nil
	}
	var zero T
	return s.source(zero)
}
