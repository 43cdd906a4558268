package k8sorchtest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/standin"
)

// Replace runs fn instead of the function of the step or hook of that name, in every pipeline of the cluster that has one.
// Everything else about the step stays as it is: its inputs are read, its value is recorded, a failure spends its Retry.
//
// Fn is of the type of the step's function, or takes only the context, whatever the step's inputs:
//
//	c.Replace("train", func(_ context.Context, d Dataset) (Model, error) { return Model{Rows: len(d)}, nil })
//	c.Replace("load", func(context.Context) (Dataset, error) { return nil, errors.New("no such table") })
//
// The function of a step that [pipeline.Do] made has a value as well: pipeline.Do makes its replacement, too. A wrong
// name or type ends the test. Replace freezes the pipelines, and attempts that have begun keep their function. See [Return]
// for a replacement that the compiler checks.
func (c *Cluster) Replace(step string, fn any) {
	c.tb.Helper()
	if err := c.replace(step, fn); err != nil {
		c.tb.Fatalf("replacing step %q: %v", step, err)
	}
}

func (c *Cluster) replace(step string, fn any) error {
	types, err := c.functionsOf(step)
	if err != nil {
		return err
	}
	for p, want := range types {
		other, err := adapt(fn, want)
		if err != nil {
			return err
		}
		c.keep(p, step, other)
	}
	return nil
}

// keep puts a function in the place of that of a pipeline's step.
func (c *Cluster) keep(p, step string, fn any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.functions[p] == nil {
		c.functions[p] = standin.Set{}
	}
	c.functions[p][step] = fn
}

// Return lets a step have a value without running its function.
func Return[Out any](c *Cluster, step *pipeline.Step[Out], value Out) {
	c.tb.Helper()
	c.Replace(step.Name(), func(context.Context) (Out, error) { return value, nil })
}

// functionsOf returns the types of the functions of the steps with that name, by the names of their pipelines.
func (c *Cluster) functionsOf(step string) (map[string]reflect.Type, error) {
	types, names := map[string]reflect.Type{}, []string{}
	for _, p := range c.pipelines {
		if err := p.Validate(); err != nil {
			return nil, err
		}
		for _, s := range p.Steps() {
			if names = append(names, s.Name); s.Name == step {
				types[p.Name()] = s.Func
			}
		}
	}
	if len(types) == 0 {
		return nil, fmt.Errorf("the cluster's pipelines have no such step; they have %s", strings.Join(names, ", "))
	}
	return types, nil
}

// adapt returns fn as a function of the type that is wanted.
func adapt(fn any, want reflect.Type) (any, error) {
	given := reflect.ValueOf(fn)
	short := reflect.FuncOf([]reflect.Type{want.In(0)}, slices.Collect(want.Outs()), false)
	switch {
	case !given.IsValid() || given.Kind() == reflect.Func && given.IsNil():
		return nil, fmt.Errorf("the replacement is nil; its function is a %s", want)
	case given.Type().AssignableTo(want):
		return given.Convert(want).Interface(), nil
	case given.Type().AssignableTo(short):
		return reflect.MakeFunc(want, func(args []reflect.Value) []reflect.Value { return given.Call(args[:1]) }).Interface(), nil
	}
	return nil, fmt.Errorf("its function is a %s, and the replacement a %s; it may also be a %s", want, given.Type(), short)
}

// standIns returns the replacements in a pipeline so far, by step.
func (c *Cluster) standIns(p string) standin.Set {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.functions[p])
}
