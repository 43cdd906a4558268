package cache

import (
	"context"
	"errors"
	"fmt"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

// CheckStored makes sure that the artifact store of a run, which may be nil, has the value of a result. Its bytes are
// checked by whoever reads them.
func CheckStored(ctx context.Context, store artifact.Store, result record.Result) error {
	digest, err := artifact.ParseDigest(result.Digest)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if store == nil {
		return fmt.Errorf("this run has no artifact store: %w", artifact.ErrNotFound)
	}
	size, err := artifact.Stat(ctx, store, digest)
	if err == nil && size != result.Size {
		err = fmt.Errorf("%w: it has %d bytes, not %d", ErrDamaged, size, result.Size)
	}
	return err
}

// Void returns which of the results have values that their store has not, or not whole, and why, by step. Inline ones are
// left out. The error is that of a store that could not be asked.
func Void(ctx context.Context, store artifact.Store, results map[string]record.Result) (map[string]error, error) {
	void := map[string]error{}
	for step, r := range results {
		if r.Inline {
			continue
		}
		switch err := CheckStored(ctx, store, r); {
		case err == nil:
		case errors.Is(err, artifact.ErrNotFound), errors.Is(err, ErrDamaged):
			void[step] = err
		default:
			return nil, fmt.Errorf("checking the value of step %q: %w", step, err)
		}
	}
	return void, nil
}
