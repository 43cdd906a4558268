package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/kube"
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
