// Quickstart asks three classifiers to tell penguins apart by their measurements, and compares them.
// Every function below runs as a step of its own, the three trainings side by side.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

func main() {
	p, report := quickstart()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		r, err := report.Result(ctx, run) // a Report: the compiler knows
		if err != nil {
			return err
		}
		return show(r)
	}))
}

// quickstart is the whole graph: each line names a step, its function and where its inputs come from.
func quickstart() (*pipeline.Pipeline, *pipeline.Step[Report]) {
	rows := pipeline.Param("rows", 344).Usage("load at most this many penguins")
	seed := pipeline.Param("seed", int64(1)).Usage("decides which penguins are held out for the test")

	data := pipeline.Func("load", load, rows)
	split := pipeline.Func2("split", splitRows, data, seed)

	knn := pipeline.Func("train-knn", trainKNN, split)
	bayes := pipeline.Func("train-bayes", trainBayes, split)
	softmax := pipeline.Func("train-softmax", trainSoftmax, split)

	report := pipeline.Func3("report", compare,
		pipeline.Func2("evaluate-knn", evaluate[KNN], knn, split),
		pipeline.Func2("evaluate-bayes", evaluate[Bayes], bayes, split),
		pipeline.Func2("evaluate-softmax", evaluate[Softmax], softmax, split))

	return pipeline.New("quickstart").Step(report), report
}

// show prints the tables and leaves the plot in the current directory.
func show(r Report) error {
	if err := r.print(os.Stdout); err != nil {
		return err
	}
	const plot = "penguins.svg"
	if err := os.WriteFile(plot, []byte(r.Plot), 0o644); err != nil {
		return fmt.Errorf("saving the plot: %w", err)
	}
	fmt.Printf("\nThe plot is in %s.\n", plot)
	return nil
}
