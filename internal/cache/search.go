package cache

import (
	"context"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// Candidate is an earlier result of the step.
type Candidate struct {
	Result record.Result
	// Fetch makes sure that the value is whole and within reach of this run, and returns it when it is inline. Its errors
	// are those of [artifact.Open].
	Fetch func(ctx context.Context) (value []byte, err error)
}

// Hit is an earlier result whose value is taken.
type Hit struct {
	Result record.Result
	// Value is the value when it is inline.
	Value []byte
}

// Search is the search for an earlier value of one step.
type Search struct {
	// Want is the key to look for, with its parts.
	Want *record.Cache
	// MaxAge is how long after it was made a value is taken; 0 means for ever.
	MaxAge time.Duration
	// Now is the time of the search.
	Now time.Time
}

// Choose returns the newest of the candidates that can be taken. Where there is none it returns the reason why the newest
// with the key is not.
func (s Search) Choose(ctx context.Context, candidates []Candidate) (*Hit, *Miss) {
	miss := &Miss{Reason: NoneFound}
	for _, c := range s.sameKey(candidates) {
		hit, why := s.take(ctx, c)
		if hit != nil {
			return hit, nil
		}
		if miss.Reason == NoneFound {
			miss = why
		}
	}
	return nil, miss
}

// sameKey returns the candidates that have the key, newest first.
func (s Search) sameKey(candidates []Candidate) []Candidate {
	same := slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool {
		return c.Result.Cache == nil || c.Result.Cache.Key != s.Want.Key
	})
	slices.SortStableFunc(same, func(a, b Candidate) int { return b.Result.Finished.Compare(a.Result.Finished) })
	return same
}

func (s Search) take(ctx context.Context, c Candidate) (*Hit, *Miss) {
	if s.MaxAge > 0 && s.Now.Sub(c.Result.Finished) > s.MaxAge {
		return nil, &Miss{Reason: Expired}
	}
	value, err := c.Fetch(ctx)
	if err != nil {
		return nil, unfetched(err)
	}
	return &Hit{Result: c.Result, Value: value}, nil
}

// For returns the result as that of another run. Attempt and uid are those of the attempt that took it, 0 and empty when
// there was none.
func (h Hit) For(run string, attempt int, uid string) record.Result {
	r := h.Result
	origin := r.TakenFrom()
	if origin == nil {
		origin = &record.Origin{Run: r.Run, Attempt: r.Attempt, UID: r.UID}
	}
	r.Cache = &record.Cache{Key: r.Cache.Key, Parts: r.Cache.Parts, From: origin}
	r.Run, r.Attempt, r.UID = run, attempt, uid
	return r
}
