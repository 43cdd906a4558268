// Command clock is a pipeline of one step that says what its run is for.
package main

import (
	"context"
	"fmt"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	word := pipeline.Param("word", "tick")
	step := pipeline.Func("say", say, word)
	cli.Main(pipeline.New("clock").Step(step), cli.WithConfig(given.Config()))
}

func say(ctx context.Context, word string) (string, error) {
	at, scheduled := pipeline.ScheduledTime(ctx)
	text := word + " for no time"
	if scheduled {
		text = word + " for " + at.UTC().Format(time.RFC3339)
	}
	fmt.Println(text)
	return text, nil
}
