// Package codec turns the values that cross between steps into bytes and back.
//
// The format is CBOR (RFC 8949), deterministically encoded, so that equal values have equal digests. Unlike JSON it
// keeps NaN and infinities, bytes, 64-bit integers and strings that are not valid UTF-8 exactly as they are. Field
// names are those of the `json` tags, or of `cbor` tags where both are there.
package codec

import (
	"fmt"
	"io"
	"math"

	"github.com/fxamacker/cbor/v2"
)

// Codec encodes and decodes values. It holds no state and is safe for concurrent use.
type Codec struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

// New returns the codec.
func New() (Codec, error) {
	enc, err := cbor.EncOptions{
		Sort:          cbor.SortCoreDeterministic,
		Time:          cbor.TimeRFC3339Nano,
		TimeTag:       cbor.EncTagRequired,
		TextMarshaler: cbor.TextMarshalerTextString,
	}.EncMode()
	if err != nil {
		return Codec{}, fmt.Errorf("setting up the encoder: %w", err)
	}
	dec, err := cbor.DecOptions{
		// The library's own limits guard against hostile input; a step's input comes from the same program.
		MaxArrayElements: math.MaxInt32,
		MaxMapPairs:      math.MaxInt32,
		MaxNestedLevels:  1024,
		UTF8:             cbor.UTF8DecodeInvalid,
		IntDec:           cbor.IntDecConvertSignedOrBigInt,
		DefaultMapType:   mapType,
		TextUnmarshaler:  cbor.TextUnmarshalerTextString,
	}.DecMode()
	if err != nil {
		return Codec{}, fmt.Errorf("setting up the decoder: %w", err)
	}
	return Codec{enc: enc, dec: dec}, nil
}

// Encode writes v to w.
func (c Codec) Encode(w io.Writer, v any) error {
	if err := c.enc.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("encoding %T: %w", v, err)
	}
	return nil
}

// Decode reads one value from r into the pointer v, and fails when anything follows it.
func (c Codec) Decode(r io.Reader, v any) error {
	d := c.dec.NewDecoder(r)
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("decoding %T: %w", v, err)
	}
	if _, err := io.CopyN(io.Discard, io.MultiReader(d.Buffered(), r), 1); err != io.EOF {
		return trailing(v, err)
	}
	return nil
}

func trailing(v any, err error) error {
	if err != nil {
		return fmt.Errorf("decoding %T: %w", v, err)
	}
	return fmt.Errorf("decoding %T: more bytes follow the value", v)
}
