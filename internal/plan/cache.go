package plan

import "time"

// Cache says which steps of a run are cached and who looks for their values.
type Cache struct {
	// Lookup says who looks for earlier values.
	Lookup Lookup `json:"lookup"`
	// Steps are the cached steps, by name. Their results are recorded for later runs whoever looks.
	Steps map[string]CachedStep `json:"steps"`
}

// Lookup says who looks for earlier values.
type Lookup string

const (
	// ByOrchestrator: the orchestrator looks before it starts a step, which gets no pod or process when there is a value.
	ByOrchestrator Lookup = "orchestrator"
	// ByStep: the process of the step looks before it calls the function.
	ByStep Lookup = "step"
	// ByNobody: every step is run.
	ByNobody Lookup = "nobody"
)

// CachedStep is how one step is cached.
type CachedStep struct {
	// Version stands for what the step's function does.
	Version string `json:"version"`
	// MaxAge is how long after it was made a value is taken; 0 means for ever.
	MaxAge time.Duration `json:"maxAge,omitempty"`
}

// SearchedBy tells whether this one looks for earlier values of the run's steps. There may be no Cache.
func (c *Cache) SearchedBy(who Lookup) bool { return c != nil && c.Lookup == who }

// CachedStep returns how a step is cached; false when it is not.
func (p *Plan) CachedStep(step string) (CachedStep, bool) {
	if p.Cache == nil {
		return CachedStep{}, false
	}
	cached, ok := p.Cache.Steps[step]
	return cached, ok
}

// Looks tells whether this one looks for an earlier value of a step. Only the first attempt is worth a look: a step that
// has begun is run to its end.
func (p *Plan) Looks(who Lookup, step string, attempt int) bool {
	_, cached := p.CachedStep(step)
	return cached && attempt == 1 && p.Cache.SearchedBy(who)
}
