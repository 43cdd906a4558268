package codec_test

import (
	"bytes"
	"math/big"
	"testing"
	"time"
)

func FuzzDecode(f *testing.F) {
	for _, v := range []any{named{Name: "x"}, []any{1, "a", nil}, map[string]any{"k": 1.5}, &Tree{Left: &Tree{}}} {
		f.Add(encode(f, v))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := newCodec(t)
		for _, into := range []any{new(any), new(named), new(Tree), new(map[string][]int), new(time.Time), new(big.Int)} {
			var first bytes.Buffer
			if c.Decode(bytes.NewReader(b), into) != nil || c.Encode(&first, into) != nil {
				continue
			}
			// What could be encoded can be decoded, and is the same.
			if second := encode(t, roundTrip(t, into)); !bytes.Equal(first.Bytes(), second) {
				t.Errorf("%T: %x comes back as %x", into, first.Bytes(), second)
			}
		}
	})
}
