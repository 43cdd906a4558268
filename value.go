package pipeline

import (
	"context"
	"fmt"
	"io"
	"reflect"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/codec"
)

// shapeOf describes how values of type t cross between steps.
func shapeOf(t reflect.Type) (string, error) {
	if t == reflect.TypeFor[Blob]() {
		return "blob", nil
	}
	return codec.Shape(t)
}

// load decodes an input into a T.
func load[T any](ctx context.Context, in attempt.Input) (T, error) {
	var v T
	if b, ok := any(&v).(*Blob); ok {
		*b = Blob{size: in.Size, open: in.Open}
		return v, nil
	}
	if err := decode(ctx, in, &v); err != nil {
		return v, fmt.Errorf("loading input %q: %w", in.Name, err)
	}
	return v, nil
}

func decode(ctx context.Context, in attempt.Input, v any) error {
	c, err := codec.New()
	if err != nil {
		return err
	}
	r, err := in.Open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return c.Decode(r, v)
}

// save returns how to encode a step's value.
func save(v any) attempt.Encode {
	if b, ok := v.(Blob); ok {
		return b.writeTo
	}
	return func(_ context.Context, w io.Writer) error {
		c, err := codec.New()
		if err != nil {
			return err
		}
		return c.Encode(w, v)
	}
}
