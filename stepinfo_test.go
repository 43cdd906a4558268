package pipeline_test

import (
	"context"
	"reflect"
	"testing"

	pipeline "github.com/org/k8sorch"
)

func TestStepsOfAPipeline(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", func(context.Context) (string, error) { return "", nil })
	b := pipeline.Func2("b", func(context.Context, string, int) ([]byte, error) { return nil, nil }, a, pipeline.Param("n", 1))
	p := pipeline.New("p").Step(b).OnExit("clean", func(context.Context, pipeline.RunEnd) error { return nil })
	want := []pipeline.StepInfo{
		{Name: "a", Func: reflect.TypeFor[func(context.Context) (string, error)]()},
		{Name: "b", Func: reflect.TypeFor[func(context.Context, string, int) ([]byte, error)]()},
		{Name: "clean", Func: reflect.TypeFor[func(context.Context, pipeline.RunEnd) error]()},
	}
	// Types are equal when they are identical, which is not for cmp to look into.
	if got := p.Steps(); !reflect.DeepEqual(got, want) {
		t.Errorf("Steps() = %v, want %v", got, want)
	}
	if got := pipeline.New("empty").Steps(); got != nil {
		t.Errorf("Steps() of a pipeline without any = %v, want none", got)
	}
}
