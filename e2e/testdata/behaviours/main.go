// Command behaviours is a pipeline with one step of each behaviour that the suite for clusters knows.
package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/internal/enginetest"
)

func main() {
	var goals []pipeline.Node
	for _, b := range enginetest.Behaviours() {
		goals = append(goals, pipeline.Func0(string(b), behave(b)))
	}
	cli.Main(pipeline.New("behaviours").Step(goals...))
}

// behave returns a step whose value is a stream, because nothing is added to the bytes of one.
func behave(b enginetest.Behaviour) func(context.Context) (pipeline.Blob, error) {
	return func(ctx context.Context) (pipeline.Blob, error) {
		write, err := b.Func(string(b))(ctx, nil)
		if err != nil {
			return pipeline.Blob{}, err
		}
		return pipeline.BlobFrom(write), nil
	}
}
