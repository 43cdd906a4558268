// Command look is a pipeline whose first step tells what it sees in its pod, and whose second tells its account. A test
// gives the settings of all steps and those of the first step.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
	"github.com/org/k8sorch/e2e/testdata/sight"
)

func main() {
	if playGuise(os.Args[1:]) {
		return
	}
	files := pipeline.Param("files", []string{}).Usage("the files to look at")
	variables := pipeline.Param("variables", []string{}).Usage("the variables to look at")
	hang := pipeline.Param("hang", false).Usage("whether the first step looks for ever")
	look := pipeline.Func3("look", lookAround, files, variables, hang).Settings(given.StepSettings())
	after := pipeline.Func("after", tellAccount, look)
	report := func(ctx context.Context, run *pipeline.Run) error {
		seen, err := look.Result(ctx, run)
		if err != nil {
			return err
		}
		account, err := after.Result(ctx, run)
		if err != nil {
			return err
		}
		text, err := json.Marshal(map[string]any{"look": seen, "after": account})
		fmt.Println(string(text))
		return err
	}
	cli.Main(pipeline.New("look").Step(after), cli.WithConfig(given.Config()), cli.Report(report))
}

func lookAround(ctx context.Context, files, variables []string, hang bool) (sight.Sight, error) {
	if hang {
		<-ctx.Done()
		return sight.Sight{}, context.Cause(ctx)
	}
	return sight.Of(files, variables)
}

func tellAccount(context.Context, sight.Sight) (string, error) { return sight.Account() }
