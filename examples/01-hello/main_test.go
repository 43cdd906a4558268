package main

import (
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestSlope(t *testing.T) {
	t.Parallel()
	rows := pipeline.Param("rows", 1000)
	model := pipeline.Func("train", train, pipeline.Func("load", load, rows))
	run := k8sorchtest.Run(t, pipeline.New("slope").Step(model), rows.Set(10))
	got, err := model.Result(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Model{Slope: 2}); got != want {
		t.Errorf("the model is %v, want %v", got, want)
	}
}
