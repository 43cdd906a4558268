// Caching takes the value of a slow step from an earlier run, as long as nothing has changed that it depends on.
package main

import (
	"context"
	"fmt"
	"slices"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// embed stands for a slow computation that depends on nothing but its input.
func embed(_ context.Context, text string) ([]int, error) {
	counts := make([]int, 26)
	for _, r := range text {
		if 'a' <= r && r <= 'z' {
			counts[r-'a']++
		}
	}
	return counts, nil
}

// search stands for a look-up in an index that changes, so it is not cached.
func search(_ context.Context, counts []int) (string, error) {
	return string(rune('a' + slices.Index(counts, slices.Max(counts)))), nil
}

func caching() (*pipeline.Pipeline, *pipeline.Step[string]) {
	text := pipeline.Param("text", "the quick brown fox").Usage("what to look for")
	counts := pipeline.Func("embed", embed, text).Settings(pipeline.KubernetesOrchestratorSettings{
		EnableCache:     new(true),
		CacheVersion:    new("1"),          // change it when embed changes; without it, every build is a version of its own
		CacheExpiration: new(24 * 60 * 60), // in seconds
	})
	best := pipeline.Func("search", search, counts)
	return pipeline.New("caching").Step(best), best
}

func main() {
	p, best := caching()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		b, err := best.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Println("best:", b)
		return nil
	}))
}
