package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// isCached tells whether a step is cached. One whose value is nothing is run for what it does, whatever it inherits.
func (s *submission) isCached(n *node) bool {
	return n.kind == graph.Step && n.shape != noneShape && orDefault(s.stepSettings(n).EnableCache, false)
}

// checkCaching refuses to cache steps of which nothing says what their program is.
func (s *submission) checkCaching() error {
	var found []Mistake
	for _, n := range s.design.nodes {
		settings := s.stepSettings(n)
		if img := settings.imageSource().image; s.isCached(n) && settings.CacheVersion == nil && img != "" && imageDigest(img) == "" {
			found = append(found, Mistake{Pos: n.site.String(), Text: fmt.Sprintf(
				"step %q: it is cached, and its image %s may become another program under the same tag; "+
					"give the image by digest, or set CacheVersion and change it with the program", n.name, img)})
		}
	}
	if len(found) > 0 {
		return &ValidationError{Pipeline: s.design.name, Mistakes: found}
	}
	return nil
}

// imageDigest returns the digest in an image's reference; empty when it has none.
func imageDigest(ref string) string {
	digest, err := name.NewDigest(ref)
	if err != nil {
		return ""
	}
	return digest.DigestStr()
}

// kubernetesCache returns what is cached of a run on Kubernetes. The version of a step's program is that of its image,
// which covers the base as well.
func (s *submission) kubernetesCache(images map[imageSource]podImage) *plan.Cache {
	lookup := plan.ByOrchestrator
	if orDefault(s.runSettings().PreventOrchestratorPodCaching, false) {
		lookup = plan.ByStep
	}
	return s.cachePlan(lookup, func(settings KubernetesOrchestratorSettings) string {
		ref := images[settings.imageSource()].ref
		if digest := imageDigest(ref); digest != "" {
			return "image " + digest
		}
		// An image that is only rendered, and not made, has no digest yet.
		return "image " + ref
	})
}

// processCache returns what is cached of a run of child processes. They execute this process's own program.
func (s *submission) processCache() (*plan.Cache, error) {
	digest := sync.OnceValues(programDigest)
	var problem error
	p := s.cachePlan(plan.ByOrchestrator, func(KubernetesOrchestratorSettings) string {
		program, err := digest()
		if err != nil {
			problem = fmt.Errorf("reading this program, whose digest is the version of cached steps: %w; set CacheVersion", err)
		}
		return "program " + program
	})
	return p, problem
}

// cachePlan returns which steps are cached; nil when none is. Version returns the version of the program that runs a step
// with these settings, where they name none.
func (s *submission) cachePlan(lookup plan.Lookup, version func(KubernetesOrchestratorSettings) string) *plan.Cache {
	if s.options.noCache {
		lookup = plan.ByNobody
	}
	steps := map[string]plan.CachedStep{}
	for _, n := range s.design.nodes {
		if !s.isCached(n) {
			continue
		}
		settings := s.stepSettings(n)
		cached := plan.CachedStep{MaxAge: seconds(orDefault(settings.CacheExpiration, 0))}
		if settings.CacheVersion != nil {
			cached.Version = "version " + *settings.CacheVersion
		} else {
			cached.Version = version(settings)
		}
		steps[n.name] = cached
	}
	if len(steps) == 0 {
		return nil
	}
	return &plan.Cache{Lookup: lookup, Steps: steps}
}

// programDigest returns the SHA-256 of this process's program.
func programDigest() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), err
}

// stepRights returns the generated account of the steps, which may list records where steps look for earlier values.
func (s *submission) stepRights() kube.Account {
	cached := false
	for _, n := range s.design.nodes {
		cached = cached || s.isCached(n)
	}
	if cached && orDefault(s.runSettings().PreventOrchestratorPodCaching, false) && !s.options.noCache {
		return kube.CachingStepRights()
	}
	return kube.StepRights()
}

// lookupStore opens the artifact store for an orchestrator that looks for earlier values; nil when it has no need of it. A
// store that cannot be opened is no reason not to run: values in it are not taken then.
func (o *Orchestrator) lookupStore(ctx context.Context, p *plan.Plan, logger *zap.Logger) ArtifactStore {
	if !p.Cache.SearchedBy(plan.ByOrchestrator) {
		return nil
	}
	store, err := o.store(ctx, p.Artifacts)
	if err != nil {
		logger.Warn("the artifact store cannot be opened, no values are taken from it", zap.String("store", p.Artifacts), zap.Error(err))
		return nil
	}
	return store
}
