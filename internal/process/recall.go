package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// recall records the value that the step had in an earlier run as its result in this one, if there is such a value and the
// step has not begun.
func (c *Cluster) recall(ctx context.Context, step string, attempt int) (recalled bool, err error) {
	if !c.config.Plan.Looks(plan.ByOrchestrator, step, attempt) {
		return false, nil
	}
	recipe, err := cache.RecipeOf(c.config.Plan, step, c.digest)
	if err != nil {
		return false, err
	}
	cached, _ := c.config.Plan.CachedStep(step)
	search := cache.Search{Want: recipe.Seal(), MaxAge: cached.MaxAge, Now: time.Now()}
	earlier := c.earlierResults(step)
	hit, miss := search.Choose(ctx, earlier)
	if hit == nil {
		c.noteMiss(step, miss, search.Want, earlier)
		return false, nil
	}
	c.config.Logger.Info("the step's value is taken from an earlier run", zap.String("run", c.config.Plan.Run),
		zap.String("step", step), zap.String("from", hit.Result.Run))
	_, err = c.Commit(ctx, hit.For(c.config.Plan.Run, 0, ""), nil)
	return err == nil, err
}

// digest returns the digest of the value of a step that has succeeded.
func (c *Cluster) digest(step string) (string, error) {
	if result := c.View(step).Result; result != nil {
		return result.Digest, nil
	}
	return "", errors.New("a step that comes before it has no result")
}

// earlierResults returns the results that the step had in earlier runs in which it was cached, the newest first.
func (c *Cluster) earlierResults(step string) []cache.Candidate {
	var found []cache.Candidate
	for _, dir := range c.config.Earlier {
		result, err := readResult(dir, step)
		switch {
		case err != nil:
			c.config.Logger.Warn("an earlier result cannot be read", zap.String("run", c.config.Plan.Run), zap.String("step", step), zap.Error(err))
		case result == nil, result.Cache == nil, result.Step != step:
		default:
			found = append(found, cache.Candidate{Result: *result, Fetch: func(ctx context.Context) ([]byte, error) {
				return nil, c.fetch(ctx, *result, DefaultStore(dir))
			}})
		}
	}
	slices.SortStableFunc(found, func(a, b cache.Candidate) int {
		return cmp.Or(b.Result.Finished.Compare(a.Result.Finished), cmp.Compare(b.Result.Run, a.Result.Run))
	})
	return found
}

// fetch makes sure that the run's store has the value of a result. If it has not, the value is copied from that of the
// run that made it, and checked on the way.
func (c *Cluster) fetch(ctx context.Context, result record.Result, from artifact.Store) error {
	digest, err := artifact.ParseDigest(result.Digest)
	if err != nil {
		return fmt.Errorf("%w: %w", cache.ErrDamaged, err)
	}
	if size, err := artifact.Stat(ctx, c.config.Store, digest); err == nil && size == result.Size {
		return nil
	}
	content, err := artifact.Open(ctx, from, digest, result.Size)
	if err != nil {
		return err
	}
	defer content.Close()
	return c.config.Store.Put(ctx, digest, result.Size, content)
}

// noteMiss takes note that the step is run, and why.
func (c *Cluster) noteMiss(step string, miss *cache.Miss, want *record.Cache, earlier []cache.Candidate) {
	reason := miss.Reason
	switch {
	case reason == cache.NoneFound && len(earlier) > 0:
		reason = cache.Explain(want, earlier[0].Result.Cache)
	case reason == cache.NoneFound:
		reason = cache.NoneMade
	}
	c.mu.Lock()
	c.misses[step] = reason
	c.mu.Unlock()
	log := c.config.Logger.Info
	if miss.Err != nil {
		log = c.config.Logger.Warn
	}
	log("the step is run, for no earlier value can be taken", zap.String("run", c.config.Plan.Run), zap.String("step", step),
		zap.String("why", reason), zap.Error(miss.Err))
}

// miss returns why a step is run though it is cached; empty when it is not, or nobody has looked.
func (c *Cluster) miss(step string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.misses[step]
}
