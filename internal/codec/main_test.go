package codec_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/org/k8sorch/internal/codec"
)

func newCodec(t testing.TB) codec.Codec {
	t.Helper()
	c, err := codec.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// encode encodes a value, which must succeed.
func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := newCodec(t).Encode(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// roundTrip encodes a value and returns what is decoded from that into a variable of the same type.
func roundTrip(t testing.TB, v any) any {
	t.Helper()
	back := reflect.New(reflect.TypeOf(v))
	if err := newCodec(t).Decode(bytes.NewReader(encode(t, v)), back.Interface()); err != nil {
		t.Fatal(err)
	}
	return back.Elem().Interface()
}

// shapeOf returns the shape of T, which must have one.
func shapeOf[T any](t testing.TB) string {
	t.Helper()
	s, err := codec.Shape(reflect.TypeFor[T]())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
