package attempt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

// Input is one argument's encoded value.
type Input struct {
	// Name is the name of the step or parameter that the value is of.
	Name string
	// Size is the length of the encoded value in bytes.
	Size int64
	// Digest is that of the encoded value, where the input is the value of a step.
	Digest string
	// Open returns the encoded value. It may be called any number of times. What it yields was checked, or is while it
	// is read: wrong bytes never end in io.EOF.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// NewInput returns an input whose encoded value is at hand.
func NewInput(name string, value []byte) Input {
	return Input{Name: name, Size: int64(len(value)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(value)), nil
	}}
}

// ReadFile returns the content of a file that an attempt was given.
type ReadFile func(name string) ([]byte, error)

// InputOf returns the value of a step. Its result record is in [record.ResultFile] and its value, when that is inline, in
// [record.ValueFile]; other values are in the store, which may be nil if there is none.
func InputOf(step string, read ReadFile, store artifact.Store) (Input, error) {
	in, err := stepInput(step, read, store)
	if err != nil {
		return Input{}, fmt.Errorf("finding the value of step %q: %w", step, err)
	}
	return in, nil
}

func stepInput(name string, read ReadFile, store artifact.Store) (Input, error) {
	encoded, err := read(record.ResultFile(name))
	if err != nil {
		return Input{}, err
	}
	var result record.Result
	if err := json.Unmarshal(encoded, &result); err != nil {
		return Input{}, fmt.Errorf("decoding %s: %w", record.ResultFile(name), err)
	}
	return ValueOf(result, func() ([]byte, error) { return read(record.ValueFile(name)) }, store)
}

// ValueOf returns the value that a result record stands for: what beside reads where that is kept beside the record, or
// else an artifact in the store, which may be nil if there is none.
func ValueOf(result record.Result, beside func() ([]byte, error), store artifact.Store) (Input, error) {
	digest, err := artifact.ParseDigest(result.Digest)
	if err != nil {
		return Input{}, fmt.Errorf("reading the record: %w", err)
	}
	switch {
	case result.Inline:
		return inlineValue(result, beside)
	case store == nil:
		return Input{}, Permanent{fmt.Errorf("it is in an artifact store, and this run has none; %s", storeRemedy)}
	}
	return Input{Name: result.Step, Size: result.Size, Digest: result.Digest, Open: func(ctx context.Context) (io.ReadCloser, error) {
		content, err := artifact.Open(ctx, store, digest, result.Size)
		if err != nil {
			return nil, fmt.Errorf("opening the value of step %q: %w", result.Step, err)
		}
		return content, nil
	}}, nil
}

func inlineValue(result record.Result, beside func() ([]byte, error)) (Input, error) {
	value, err := beside()
	if err != nil {
		return Input{}, err
	}
	if err := checkValue(result, value); err != nil {
		return Input{}, fmt.Errorf("checking the value beside the record: %w", err)
	}
	in := NewInput(result.Step, value)
	in.Digest = result.Digest
	return in, nil
}

// checkValue tells whether value is the one that result speaks of.
func checkValue(result record.Result, value []byte) error {
	if got := artifact.Sum(value); string(got) != result.Digest || int64(len(value)) != result.Size {
		return Permanent{fmt.Errorf("its %d bytes have the digest %s, the record says %d and %s", len(value), got, result.Size, result.Digest)}
	}
	return nil
}
