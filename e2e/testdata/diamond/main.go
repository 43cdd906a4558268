// Command diamond hands 5 MB from step to step through a bucket: one step makes them, three branches of two steps change
// them, and the eighth joins what came of them.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/bucket"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

// Block is what the steps hand on.
type Block struct {
	Way  string
	Data []byte
}

func (b Block) String() string {
	return fmt.Sprintf("%s: %d bytes, %x", b.Way, len(b.Data), sha256.Sum256(b.Data))
}

func main() {
	size := pipeline.Param("size", 5_000_000).Usage("how many bytes the steps hand on")
	source := pipeline.Func("source", makeBlock, size)
	left := pipeline.Func("left-2", pass("left-2"), pipeline.Func("left-1", pass("left-1"), source))
	middle := pipeline.Func("middle-2", pass("middle-2"), pipeline.Func("middle-1", pass("middle-1"), source))
	right := pipeline.Func("right-2", pass("right-2"), pipeline.Func("right-1", pass("right-1"), source))
	join := pipeline.Func3("join", joinBlocks, left, middle, right)
	report := func(ctx context.Context, run *pipeline.Run) error {
		for _, step := range []*pipeline.Step[Block]{source, left, middle, right, join} {
			block, err := step.Result(ctx, run)
			if err != nil {
				return err
			}
			fmt.Println(block)
		}
		return nil
	}
	cli.Main(pipeline.New("diamond").Step(join), cli.WithConfig(given.Config()), cli.Report(report),
		cli.With(pipeline.WithArtifactStores(bucket.Open)))
}

func makeBlock(_ context.Context, size int) (Block, error) {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return Block{"source", data}, nil
}

// pass returns a step that leaves its mark on every byte.
func pass(name string) func(context.Context, Block) (Block, error) {
	return func(_ context.Context, b Block) (Block, error) {
		for i := range b.Data {
			b.Data[i] ^= name[i%len(name)]
		}
		return Block{b.Way + " → " + name, b.Data}, nil
	}
}

func joinBlocks(_ context.Context, left, middle, right Block) (Block, error) {
	for i := range left.Data {
		left.Data[i] += middle.Data[i] + 3*right.Data[i]
	}
	return Block{fmt.Sprintf("join of %s and %s and %s", left.Way, middle.Way, right.Way), left.Data}, nil
}
