package main

import (
	"context"

	pipeline "github.com/org/k8sorch"
)

// scoring is the pipeline that the service runs, with its parameter and its goal.
type scoring struct {
	*pipeline.Pipeline
	rows  *pipeline.Parameter[int]
	score *pipeline.Step[float64]
}

func newScoring() scoring {
	rows := pipeline.Param("rows", 100).Usage("how many rows to score")
	data := pipeline.Func("load", load, rows)
	score := pipeline.Func("score", mean, data)
	return scoring{pipeline.New("scoring").Step(score), rows, score}
}

func load(_ context.Context, rows int) (data []float64, _ error) {
	for i := range rows {
		data = append(data, float64(i))
	}
	return data, nil
}

func mean(_ context.Context, data []float64) (float64, error) {
	var sum float64
	for _, d := range data {
		sum += d
	}
	return sum / float64(max(len(data), 1)), nil
}
