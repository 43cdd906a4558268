package cache_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

func recipe(change ...func(*cache.Recipe)) cache.Recipe {
	r := cache.Recipe{Pipeline: "p", Step: "train", Version: "version 1", Shape: "float64", Arguments: []cache.Argument{
		{Kind: graph.Step, Name: "load", Value: "sha256:00"}, {Kind: graph.Param, Name: "rows", Value: "10"},
	}}
	for _, c := range change {
		c(&r)
	}
	return r
}

func TestEachPartChangesTheKeyAndIsSaid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*cache.Recipe)
		want   string
	}{
		"version":     {func(r *cache.Recipe) { r.Version = "version 2" }, "version changed"},
		"shape":       {func(r *cache.Recipe) { r.Shape = "int" }, "type of the value changed"},
		"input":       {func(r *cache.Recipe) { r.Arguments[0].Value = "sha256:01" }, "input load changed"},
		"other input": {func(r *cache.Recipe) { r.Arguments[0].Name = "fetch" }, "input fetch, input load changed"},
		"parameter":   {func(r *cache.Recipe) { r.Arguments[1].Value = "11" }, "parameter rows changed"},
		"two":         {func(r *cache.Recipe) { r.Arguments[1].Value, r.Version = "11", "version 2" }, "parameter rows, version changed"},
		"one less":    {func(r *cache.Recipe) { r.Arguments = r.Arguments[:1] }, "parameter rows changed"},
		"kind":        {func(r *cache.Recipe) { r.Arguments[0].Kind = graph.Param }, "input load, parameter load changed"},
		"order":       {func(r *cache.Recipe) { r.Arguments[0], r.Arguments[1] = r.Arguments[1], r.Arguments[0] }, "the order of its inputs changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			earlier, now := recipe().Seal(), recipe(tt.change).Seal()
			if earlier.Key == now.Key {
				t.Error("the keys are equal")
			}
			if got := cache.Explain(now, earlier); got != tt.want {
				t.Errorf("explanation = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOtherStepsAndPipelinesHaveOtherKeys(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for _, change := range []func(*cache.Recipe){
		func(*cache.Recipe) {},
		func(r *cache.Recipe) { r.Pipeline = "q" },
		func(r *cache.Recipe) { r.Step = "evaluate" },
		func(r *cache.Recipe) { r.Pipeline, r.Step = r.Step, r.Pipeline },
	} {
		keys[recipe(change).Seal().Key] = true
	}
	if len(keys) != 4 {
		t.Errorf("4 steps have %d keys", len(keys))
	}
}

// The records of runs before an update carry keys, so what they are made of must not change by accident.
func TestKeyIsForGood(t *testing.T) {
	t.Parallel()
	const want = "425d1f74a60af1f9b188a00570ed0957a97ef53f3a89662513023f7cf48c3cfe"
	if got := recipe().Seal().Key; got != want {
		t.Errorf("key = %s, want %s", got, want)
	}
}

func TestRecipeOfAStep(t *testing.T) {
	t.Parallel()
	p := &plan.Plan{
		Graph: graph.Graph{Pipeline: "p", Nodes: []graph.Node{
			{Name: "rows", Kind: graph.Param}, {Name: "load", Kind: graph.Step}, {Name: "clean", Kind: graph.Step},
			{Name: "train", Kind: graph.Step, Inputs: []string{"load", "rows"}, After: []string{"clean"}, Shape: "float64"},
		}},
		Params: map[string]json.RawMessage{"rows": json.RawMessage("10"), "other": json.RawMessage("1")},
		Cache:  &plan.Cache{Steps: map[string]plan.CachedStep{"train": {Version: "version 1"}}},
	}
	got, err := cache.RecipeOf(p, "train", func(step string) (string, error) { return map[string]string{"load": "sha256:00"}[step], nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(recipe(), got); diff != "" {
		t.Errorf("recipe (-want +got):\n%s", diff)
	}
	unknown := errors.New("no result")
	if _, err := cache.RecipeOf(p, "train", func(string) (string, error) { return "", unknown }); !errors.Is(err, unknown) {
		t.Errorf("error = %v, want that of the digest", err)
	}
}

// The longest names must leave a termination message room for the rest of the record.
func TestSealedRecipeIsSmall(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 63)
	big := recipe(func(r *cache.Recipe) {
		r.Version, r.Shape = strings.Repeat("v", 1<<20), strings.Repeat("s", 1<<20)
		r.Arguments = []cache.Argument{{Kind: graph.Step, Name: long}, {Kind: graph.Param, Name: long}, {Kind: graph.Step, Name: long + "x"}}
	})
	encoded, err := json.Marshal(big.Seal())
	if err != nil || len(encoded) > 600 {
		t.Errorf("%d bytes, %v, want at most 600 of the %d of a report", len(encoded), err, record.MaxReport)
	}
}

// FuzzKey checks that no two recipes are written alike, wherever the bytes of one end and those of the next begin.
func FuzzKey(f *testing.F) {
	f.Add("p", "train", "1", "int", "load", "sha256:0", "p", "train", "1", "int", "load", "sha256:1")
	f.Add("a", "1:b", "", "", "", "", "a1:b", "", "", "", "", "")
	f.Add("", "", "\xff", "", "", "", "", "", "\xfe", "", "", "")
	f.Fuzz(func(t *testing.T, p1, s1, v1, f1, n1, d1, p2, s2, v2, f2, n2, d2 string) {
		of := func(p, s, v, shape, n, d string) cache.Recipe {
			return cache.Recipe{Pipeline: p, Step: s, Version: v, Shape: shape, Arguments: []cache.Argument{{Kind: graph.Step, Name: n, Value: d}}}
		}
		one, other := of(p1, s1, v1, f1, n1, d1), of(p2, s2, v2, f2, n2, d2)
		if equal := cmp.Equal(one, other); equal != (one.Seal().Key == other.Seal().Key) {
			t.Errorf("%q and %q: equal %t, and their keys are not so", one, other, equal)
		}
	})
}
