// Hello fits a line through points: one step makes the points, the next one takes them.
package main

import (
	"context"
	"fmt"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

type Model struct{ Slope float64 }

func load(_ context.Context, rows int) (points [][2]float64, _ error) {
	for i := range rows {
		points = append(points, [2]float64{float64(i), 2 * float64(i)})
	}
	return points, nil
}

func train(_ context.Context, points [][2]float64) (Model, error) {
	var xy, xx float64
	for _, p := range points {
		xy, xx = xy+p[0]*p[1], xx+p[0]*p[0]
	}
	return Model{Slope: xy / xx}, nil
}

func main() {
	rows := pipeline.Param("rows", 1000)         // a typed parameter, and a flag
	data := pipeline.Func("load", load, rows)    // a step: its function, and where its argument comes from
	model := pipeline.Func("train", train, data) // an input of another type would not compile
	cli.Main(pipeline.New("slope").Step(model), cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		m, err := model.Result(ctx, run) // a Model, not an any
		fmt.Println("slope", m.Slope)
		return err
	}))
}
