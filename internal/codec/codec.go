// Package codec turns the values that cross between steps into bytes and back.
//
// The format is CBOR (RFC 8949), deterministically encoded, so that equal values have equal digests. Unlike JSON it
// keeps NaN and infinities, bytes, 64-bit integers and strings that are not valid UTF-8 exactly as they are. Field
// names are those of the `json` tags, or of `cbor` tags where both are there.
//
// What is lost: unexported fields, a time's monotonic reading and the name of its zone, the difference between pointers
// to the same thing and to equal things. Behind an `any` a value comes back as one of nil, bool, int64, *big.Int,
// float64, string, []byte, time.Time, []any or map[string]any.
package codec

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/fxamacker/cbor/v2"
)

// maxDepth is how deep a value may nest: the most that the library can be told to read.
const maxDepth = 65535

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
		MaxNestedLevels:  maxDepth,
		UTF8:             cbor.UTF8DecodeInvalid,
		IntDec:           cbor.IntDecConvertSignedOrBigInt,
		BigIntDec:        cbor.BigIntDecodePointer,
		DefaultMapType:   mapType,
		TextUnmarshaler:  cbor.TextUnmarshalerTextString,
	}.DecMode()
	if err != nil {
		return Codec{}, fmt.Errorf("setting up the decoder: %w", err)
	}
	return Codec{enc: enc, dec: dec}, nil
}

// Encode writes v to w. What nests too deep to be decoded again is an error here, where the value is made.
func (c Codec) Encode(w io.Writer, v any) error {
	b, err := c.enc.Marshal(v)
	if err == nil {
		err = c.dec.Wellformed(b)
	}
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		return fmt.Errorf("encoding %T: %w", v, err)
	}
	return nil
}

// Decode reads one value from r into the pointer v, and fails when anything follows it.
func (c Codec) Decode(r io.Reader, v any) error {
	// Not by the library's own reader: it looks at all it has each time more arrives, which takes minutes for a large
	// value that comes in small pieces.
	b, err := io.ReadAll(r)
	if err == nil {
		err = c.dec.Unmarshal(b, v)
	}
	if _, ok := errors.AsType[*cbor.ExtraneousDataError](err); ok {
		return fmt.Errorf("decoding %T: more bytes follow the value", v)
	}
	if err != nil {
		return fmt.Errorf("decoding %T: %w", v, err)
	}
	return nil
}
