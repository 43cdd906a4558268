package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestParametersReachTheSteps(t *testing.T) {
	t.Parallel()
	type window struct{ From, To time.Duration }
	n := pipeline.Param("n", 1)
	word := pipeline.Param("word", "a")
	span := pipeline.Param("span", window{To: time.Minute})
	say := pipeline.Func3("say", func(_ context.Context, n int, word string, w window) (string, error) {
		return fmt.Sprint(n, word, w.To), nil
	}, n, word, span)
	p := pipeline.New("p").Step(say)
	for name, tt := range map[string]struct {
		opts []pipeline.RunOption
		want string
	}{
		"defaults": {nil, "1a1m0s"},
		"set":      {[]pipeline.RunOption{n.Set(3), word.Set("b"), span.Set(window{To: time.Hour})}, "3b1h0m0s"},
		"as text":  {[]pipeline.RunOption{pipeline.SetText("n", "4"), pipeline.SetText("word", "[1"), pipeline.SetText("span", `{"To": 1000}`)}, "4[11µs"},
		"last one": {[]pipeline.RunOption{pipeline.SetText("n", "4"), n.Set(5), word.Set("b"), pipeline.SetText("word", "c")}, "5c1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := k8sorchtest.Run(t, p, tt.opts...)
			if got, err := say.Result(t.Context(), run); err != nil || got != tt.want {
				t.Errorf("result = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestWrongParametersAreRefused(t *testing.T) {
	t.Parallel()
	n := pipeline.Param("n", 1)
	p := pipeline.New("p").Step(pipeline.Func("a", increment, n))
	for _, tt := range []struct {
		opt  pipeline.RunOption
		want string
	}{
		{pipeline.Param("m", 1).Set(2), `setting param "m": pipeline "p" has no such parameter; it has n`},
		{pipeline.SetText("m", "2"), `setting param "m": pipeline "p" has no such parameter; it has n`},
		{pipeline.SetText("n", "many"), `setting param "n": reading "many" as int`},
		{pipeline.SetText("n", "1 2"), `"2" follows the value`},
	} {
		c := k8sorchtest.New(t, p)
		_, err := c.Run(t.Context(), p, tt.opt)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error = %v, want one with %q", err, tt.want)
		}
		if calls := c.Clientset().Actions(); len(calls) > 2 { // the kit's own: a watch of Jobs and one of pods
			t.Errorf("the API server was called: %v", calls)
		}
	}
}

func TestTextIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	type species string
	at := pipeline.Param("at", time.Time{})
	kind := pipeline.Param("kind", species("Adelie"))
	wait := pipeline.Param("wait", time.Second)
	say := pipeline.Func3("say", func(_ context.Context, at time.Time, kind species, wait time.Duration) (string, error) {
		return fmt.Sprint(at.Year(), kind, wait), nil
	}, at, kind, wait)
	run := k8sorchtest.Run(t, pipeline.New("p").Step(say),
		pipeline.SetText("at", "2026-03-29T02:30:00Z"), pipeline.SetText("kind", "Gentoo"), pipeline.SetText("wait", "1h30m"))
	if got, err := say.Result(t.Context(), run); err != nil || got != "2026Gentoo1h30m0s" {
		t.Errorf("result = %q, %v", got, err)
	}
}
