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

// keep encodes the value, and stores it unless it is small enough to be inline. The bytes of a large value pass through
// a temporary file, so that the store can be asked again without encoding the value again, which may not be possible.
func (w Work) keep(ctx context.Context, encode Encode) (value, error) {
	out := newSpill(w.inlineLimit(), w.Store != nil)
	defer out.discard()
	err := encode(ctx, out)
	if out.err != nil {
		return value{}, fmt.Errorf("buffering the step's value: %w", out.err)
	}
	if err != nil {
		return value{}, &encodingError{err}
	}
	switch {
	case !out.spilled():
		return value{digest: artifact.Sum(out.head), size: out.size, inline: out.head}, nil
	case w.Store == nil:
		return value{}, w.tooLarge(out.size)
	}
	return w.store(ctx, out)
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

// store puts a spilled value into the artifact store.
func (w Work) store(ctx context.Context, out *spill) (value, error) {
	path, err := out.finish()
	if err != nil {
		return value{}, fmt.Errorf("buffering the step's value: %w", err)
	}
	v, err := insist(ctx, w, "storing the step's value", unavailable, func(ctx context.Context) (value, error) {
		digest, size, err := artifact.WriteFile(ctx, w.Store, path)
		return value{digest: digest, size: size}, err
	})
	if err != nil {
		return value{}, fmt.Errorf("storing the step's value: %w", err)
	}
	return v, nil
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

const storeRemedy = "give the run an artifact store: Config.Artifacts or --artifacts with pvc://claim/path, file:///directory or a bucket's URL"
