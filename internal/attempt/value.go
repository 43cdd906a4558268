package attempt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

// value is an encoded value that is ready to be recorded.
type value struct {
	digest artifact.Digest
	size   int64
	inline []byte // nil when the bytes are in the artifact store
}

// keep encodes the value, and stores it unless it is small enough to be inline. A large one is drafted first, so that
// the store can be asked again without encoding the value again, which may not be possible.
func (w Work) keep(ctx context.Context, encode Encode) (value, error) {
	draft := &artifact.Draft{Memory: w.inlineLimit(), NoFile: w.Store == nil}
	defer draft.Discard()
	err := encode(ctx, draft)
	if draft.Err() != nil {
		return value{}, fmt.Errorf("buffering the step's value: %w", draft.Err())
	}
	if err != nil {
		return value{}, &encodingError{err}
	}
	v := value{digest: draft.Digest(), size: draft.Size()}
	if inline, small := draft.Bytes(); small {
		v.inline = inline
		return v, nil
	}
	if w.Store == nil {
		return value{}, w.tooLarge(v.size)
	}
	return v, w.put(ctx, draft.Put)
}

// inlineLimit is the most bytes that an inline value may have.
func (w Work) inlineLimit() int64 {
	switch room := w.Role.Room; {
	case room < 0:
		return 0
	case room > 0:
		return min(room, record.MaxInline)
	}
	return record.MaxInline
}

// put makes the call that puts the value into the artifact store.
func (w Work) put(ctx context.Context, call func(context.Context, artifact.Store) error) error {
	const doing = "storing the step's value"
	_, err := insist(ctx, w, doing, unavailable, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, call(ctx, w.Store)
	})
	if err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	return nil
}

// patientInputs returns the inputs such that opening them outlasts a short absence of the store.
func (w Work) patientInputs() []Input {
	inputs := slices.Clone(w.Inputs)
	for i, input := range inputs {
		inputs[i].Open = func(ctx context.Context) (io.ReadCloser, error) {
			return insist(ctx, w, "opening an input", unavailable, func(context.Context) (io.ReadCloser, error) {
				return input.Open(ctx) // whose end would be the reader's, too
			})
		}
	}
	return inputs
}

func unavailable(err error) bool {
	_, ok := errors.AsType[*artifact.UnavailableError](err)
	return ok
}

// tooLarge says that a value cannot be inline, and what to do.
func (w Work) tooLarge(size int64) error {
	limit := fmt.Sprintf("a record holds at most %d", record.MaxInline)
	if w.Role.Room != 0 {
		limit = fmt.Sprintf("the records of this run have room for %d more (%d for one, %d for all)",
			max(w.Role.Room, 0), record.MaxInline, record.MaxInlinePerRun)
	}
	return permanently("ValueTooLarge", "the value of step %q has %d bytes and %s; %s", w.Role.Step, size, limit, storeRemedy)
}

const storeRemedy = "give the run an artifact store: Config.Artifacts or --artifacts with pvc://claim/path or a bucket's URL"
