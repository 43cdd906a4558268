package kube

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
)

// maxLookups is how often the search for one step's earlier value is repeated when the API server does not answer. Then
// the step is run: a value that cannot be found is no reason not to make one.
const maxLookups = 3

// recalls is what an orchestrator knows of earlier values.
type recalls struct {
	finder Finder
	// runs are the earlier runs, runsUnknown tells why they are not known. They are asked for once, for the first step that
	// has no earlier value.
	runs        []string
	askForRuns  sync.Once
	runsUnknown error

	mu sync.Mutex
	// tried counts the searches for a step's value; misses are the reasons of those that were answered.
	tried  map[string]int
	misses map[string]string
}

func (c *Cluster) newRecalls(o Options) *recalls {
	return &recalls{finder: Finder{Client: c.client, Ref: c.ref, Store: o.Store}, tried: map[string]int{}, misses: map[string]string{}}
}

// recall records the value that the step had in an earlier run as its result in this one, if there is such a value and the
// step has not begun. The error is worth another try.
func (c *Cluster) recall(ctx context.Context, step string, attempt int) (recalled bool, err error) {
	if !c.plan.Looks(plan.ByOrchestrator, step, attempt) || c.recalls.miss(step) != "" {
		return false, nil
	}
	want, err := c.wanted(step)
	if err != nil {
		return false, err
	}
	hit, miss, err := c.recalls.finder.Find(ctx, want)
	if err != nil {
		if Retryable(err) && c.recalls.tryAgain(step) {
			return false, err
		}
		miss = &cache.Miss{Reason: cache.NotSearched, Err: err}
	}
	if hit == nil {
		c.noteMiss(ctx, want, miss)
		return false, nil
	}
	c.logger.Info("the step's value is taken from an earlier run", zap.String("step", step), zap.String("from", hit.Result.Run))
	_, err = c.Commit(ctx, hit.For(c.ref.Run, 0, ""), hit.Value)
	return err == nil, err
}

func (c *Cluster) wanted(step string) (Wanted, error) {
	recipe, err := cache.RecipeOf(c.plan, step, c.digest)
	if err != nil {
		return Wanted{}, err
	}
	cached, _ := c.plan.CachedStep(step)
	return Wanted{Step: step, Cache: recipe.Seal(), MaxAge: cached.MaxAge, Room: c.room()}, nil
}

// digest returns the digest of the value of a step that has succeeded.
func (c *Cluster) digest(step string) (string, error) {
	if result := c.View(step).Result; result != nil {
		return result.Digest, nil
	}
	return "", errors.New("a step that comes before it has no result in view")
}

// noteMiss takes note that the step is run, and why.
func (c *Cluster) noteMiss(ctx context.Context, want Wanted, miss *cache.Miss) {
	reason := miss.Reason
	if reason == cache.NoneFound {
		reason = c.recalls.explain(ctx, want)
	}
	c.recalls.mu.Lock()
	c.recalls.misses[want.Step] = reason
	c.recalls.mu.Unlock()
	log := c.logger.Info
	if miss.Err != nil {
		log = c.logger.Warn
	}
	log("the step is run, for no earlier value can be taken", zap.String("step", want.Step), zap.String("why", reason), zap.Error(miss.Err))
}

// miss returns why a step is run; empty when that is not known.
func (r *recalls) miss(step string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.misses[step]
}

// tryAgain counts a search that had no answer, and tells whether another one may follow.
func (r *recalls) tryAgain(step string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried[step]++
	return r.tried[step] < maxLookups
}

func (r *recalls) explain(ctx context.Context, want Wanted) string {
	r.askForRuns.Do(func() { r.runs, r.runsUnknown = r.finder.EarlierRuns(ctx) })
	if r.runsUnknown != nil {
		return cache.NoneFound
	}
	return r.finder.Explain(ctx, want, r.runs)
}
