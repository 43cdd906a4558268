package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/record"
)

// store opens the artifact store of a run; nil when it has none.
func (o *Orchestrator) store(ctx context.Context, url string) (ArtifactStore, error) {
	if url == "" {
		return nil, nil
	}
	location, err := artifact.ParseURL(url)
	var unknown *artifact.SchemeError
	switch {
	case err == nil:
		return location.Dir(kube.ClaimMount), nil
	case errors.As(err, &unknown) && o.openStore != nil:
		s, err := o.openStore(ctx, url)
		if err != nil {
			return nil, fmt.Errorf("opening artifact store: %w", err)
		}
		return s, nil
	}
	return nil, err
}

// storeOutside opens the artifact store of a run on Kubernetes in a process that is no pod of the run.
func (o *Orchestrator) storeOutside(ctx context.Context, url string) (ArtifactStore, error) {
	if inClaim(url) {
		return nil, fmt.Errorf("it is in %s, and the claim is mounted in the pods of the run only; "+
			"let a step return what is wanted here in at most %d bytes, or keep artifacts in a bucket", url, record.MaxInline)
	}
	return o.store(ctx, url)
}

// inClaim tells of a store that only the pods of a run can reach.
func inClaim(url string) bool {
	location, err := artifact.ParseURL(url)
	return err == nil && location.Scheme == artifact.SchemeClaim
}
