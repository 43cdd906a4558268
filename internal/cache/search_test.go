package cache_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/record"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// made is a candidate that was made in a run, some time ago.
func made(run string, ago time.Duration, fetched error) cache.Candidate {
	return cache.Candidate{
		Result: record.Result{Run: run, Step: "train", Attempt: 2, UID: "u", Digest: "sha256:00", Inline: true, Finished: now.Add(-ago), Cache: recipe().Seal()},
		Fetch:  func(context.Context) ([]byte, error) { return []byte(run), fetched },
	}
}

func ofKey(c cache.Candidate, key string) cache.Candidate {
	c.Result.Cache = &record.Cache{Key: key}
	return c
}

func TestChoose(t *testing.T) {
	t.Parallel()
	uncached := made("uncached", 0, nil)
	uncached.Result.Cache = nil
	away := &artifact.UnavailableError{Op: "checking", Store: "s", Err: errors.New("timeout")}
	for name, tt := range map[string]struct {
		candidates []cache.Candidate
		want, miss string
	}{
		"nothing":               {nil, "", cache.NoneFound},
		"the newest":            {[]cache.Candidate{made("old", 2*time.Minute, nil), made("new", time.Minute, nil), made("older", time.Hour, nil)}, "new", ""},
		"another key":           {[]cache.Candidate{ofKey(made("r", 0, nil), "another"), uncached}, "", cache.NoneFound},
		"just not expired":      {[]cache.Candidate{made("r", 2*time.Hour, nil)}, "r", ""},
		"expired":               {[]cache.Candidate{made("r", 2*time.Hour+1, nil)}, "", cache.Expired},
		"damaged":               {[]cache.Candidate{made("r", 0, cache.ErrDamaged)}, "", cache.Damaged},
		"corrupt":               {[]cache.Candidate{made("r", 0, &artifact.CorruptError{Err: errors.New("short")})}, "", cache.Damaged},
		"gone":                  {[]cache.Candidate{made("r", 0, fmt.Errorf("looking: %w", artifact.ErrNotFound))}, "", cache.Gone},
		"out of reach":          {[]cache.Candidate{made("r", 0, away)}, "", cache.OutOfReach},
		"no room":               {[]cache.Candidate{made("r", 0, cache.ErrNoRoom)}, "", cache.NoRoom},
		"not readable":          {[]cache.Candidate{made("r", 0, errors.New("what"))}, "", cache.NotReadable},
		"an older one is whole": {[]cache.Candidate{made("old", time.Minute, nil), made("new", 0, cache.ErrDamaged)}, "old", ""},
		"none is whole":         {[]cache.Candidate{made("old", time.Minute, cache.ErrDamaged), made("new", 0, away)}, "", cache.OutOfReach},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			search := cache.Search{Want: recipe().Seal(), MaxAge: 2 * time.Hour, Now: now}
			hit, miss := search.Choose(t.Context(), tt.candidates)
			switch {
			case hit != nil && (hit.Result.Run != tt.want || string(hit.Value) != tt.want):
				t.Errorf("hit = %+v, want that of %q", hit, tt.want)
			case hit == nil && (tt.want != "" || miss.Reason != tt.miss):
				t.Errorf("miss = %+v, want %q", miss, tt.miss)
			}
		})
	}
}

func TestWithoutAMaximumAgeNothingExpires(t *testing.T) {
	t.Parallel()
	search := cache.Search{Want: recipe().Seal(), Now: now}
	if hit, miss := search.Choose(t.Context(), []cache.Candidate{made("r", 100_000*time.Hour, nil)}); hit == nil {
		t.Errorf("miss = %+v", miss)
	}
}

func TestHitNamesWhereTheValueWasMade(t *testing.T) {
	t.Parallel()
	candidate := made("first", time.Minute, nil)
	candidate.Result.Cache.Miss = "no earlier value"
	want := candidate.Result
	want.Run, want.Attempt, want.UID = "second", 0, ""
	want.Cache = &record.Cache{Key: candidate.Result.Cache.Key, Parts: candidate.Result.Cache.Parts, From: &record.Origin{Run: "first", Attempt: 2, UID: "u"}}
	second := cache.Hit{Result: candidate.Result}.For("second", 0, "")
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("result of the second run (-want +got):\n%s", diff)
	}
	want.Run, want.Attempt, want.UID = "third", 1, "pod"
	if diff := cmp.Diff(want, cache.Hit{Result: second}.For("third", 1, "pod")); diff != "" {
		t.Errorf("result of the third run (-want +got):\n%s", diff)
	}
}
