//go:build darwin || linux

package process_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// cachedPlan is a plan whose only step is cached.
func cachedPlan(run, version string, maxAge time.Duration) *plan.Plan {
	p := planOf(run, "s")
	p.Cache = &plan.Cache{Lookup: plan.ByOrchestrator, Steps: map[string]plan.CachedStep{"s": {Version: version, MaxAge: maxAge}}}
	return p
}

// earlierRun makes the directory of a run in which the step had this value.
func earlierRun(t *testing.T, value string, ago time.Duration) (dir string, result record.Result) {
	t.Helper()
	dir = t.TempDir()
	recipe, err := cache.RecipeOf(cachedPlan("earlier", "1", 0), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-ago).UTC()
	result, err = process.NewCommitter(dir, nil).Commit(t.Context(), record.Result{
		Run: "earlier", Step: "s", Attempt: 2, UID: "u", Digest: string(artifact.Sum([]byte(value))), Size: int64(len(value)), Inline: true,
		Started: at, Finished: at, Cache: recipe.Seal(),
	}, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return dir, result
}

func TestEarlierValueIsTaken(t *testing.T) {
	t.Parallel()
	old, _ := earlierRun(t, "41", 2*time.Hour)
	dir, made := earlierRun(t, "42", time.Hour)
	b := watch(t, process.Config{Dir: t.TempDir(), Plan: cachedPlan("r", "1", 0), Env: does("fail"), Earlier: []string{old, dir}})
	b.start(1)
	seen := b.View("s")
	if len(seen.Sightings) != 0 {
		t.Errorf("attempts %+v, want none", seen.Sightings)
	}
	if got := string(b.value(seen.Result)); got != "42" {
		t.Errorf("value = %q, want 42", got)
	}
	want := made
	want.Run, want.Attempt, want.UID = "r", 0, ""
	want.Cache = &record.Cache{Key: made.Cache.Key, Parts: made.Cache.Parts, From: &record.Origin{Run: "earlier", Attempt: 2, UID: "u"}}
	if diff := cmp.Diff(&want, seen.Result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestStepIsRunWithoutAnEarlierValue(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		version string
		maxAge  time.Duration
		harm    func(t *testing.T, dir string, r record.Result)
		want    string
	}{
		"another version": {version: "2", want: "version changed"},
		"expired":         {version: "1", maxAge: time.Minute, want: cache.Expired},
		"gone": {version: "1", want: cache.Gone, harm: func(t *testing.T, dir string, r record.Result) {
			t.Helper()
			if err := os.Remove(valueFile(t, dir, r)); err != nil {
				t.Fatal(err)
			}
		}},
		"damaged": {version: "1", want: cache.Damaged, harm: func(t *testing.T, dir string, r record.Result) {
			t.Helper()
			if err := os.WriteFile(valueFile(t, dir, r), []byte("43"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		"no run": {version: "1", want: cache.NoneMade, harm: func(t *testing.T, dir string, _ record.Result) {
			t.Helper()
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}},
		"a record that is none": {version: "1", want: cache.NoneMade, harm: func(t *testing.T, dir string, _ record.Result) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, record.ResultFile("s")), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, made := earlierRun(t, "42", time.Hour)
			if tt.harm != nil {
				tt.harm(t, dir, made)
			}
			b := watch(t, process.Config{
				Dir: t.TempDir(), Plan: cachedPlan("r", tt.version, tt.maxAge), Env: does("cache miss"), Earlier: []string{dir},
			})
			if got := string(b.value(b.run().Result)); got != tt.want {
				t.Errorf("the attempt is told %q, want %q", got, tt.want)
			}
		})
	}
}

// valueFile is where a value lies in the artifact store of a run.
func valueFile(t *testing.T, dir string, r record.Result) string {
	t.Helper()
	key, err := artifact.Digest(r.Digest).Key()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "artifacts", filepath.FromSlash(key))
}

func TestNobodyLooksForValuesOfOtherSteps(t *testing.T) {
	t.Parallel()
	dir, _ := earlierRun(t, "42", time.Hour)
	p := cachedPlan("r", "1", 0)
	p.Cache.Lookup = plan.ByNobody
	for _, p := range []*plan.Plan{planOf("r", "s"), p} {
		b := watch(t, process.Config{Dir: t.TempDir(), Plan: p, Env: does("cache miss"), Earlier: []string{dir}})
		if got := string(b.value(b.run().Result)); got != "" {
			t.Errorf("value = %q, want that of an attempt which is told nothing", got)
		}
	}
}
