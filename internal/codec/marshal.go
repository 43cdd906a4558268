package codec

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// form is a way in which types encode themselves.
type form struct {
	name           string
	encode, decode reflect.Type
}

// forms are the ways that the encoder looks for, in this order. It finds methods of the pointer, too.
func forms() []form {
	return []form{
		{"cbor", reflect.TypeFor[cbor.Marshaler](), reflect.TypeFor[cbor.Unmarshaler]()},
		{"binary", reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler]()},
		{"text", reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()},
	}
}

// ownShape describes types that are not encoded by their kind: those that encode themselves, and those for which CBOR has
// a form of its own. The former must decode themselves too, or the value is lost at the other end.
func ownShape(t reflect.Type, path string) (shape string, ok bool, err error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time", true, nil
	case t == reflect.TypeFor[big.Int]():
		return "bigint", true, nil
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface:
		return "", false, nil
	}
	methods := reflect.PointerTo(t)
	for _, f := range forms() {
		if !methods.Implements(f.encode) {
			continue
		}
		if !methods.Implements(f.decode) {
			return "", false, fmt.Errorf("%s has a %s without a %s, so it could not be decoded", path, f.encode.Name(), f.decode.Name())
		}
		return f.name + "(" + fullName(t) + ")", true, nil
	}
	return "", false, checkJSON(t, path)
}

// fullName returns the name of a type such that no other type has it.
func fullName(t reflect.Type) string {
	if t.PkgPath() == "" {
		return t.String()
	}
	return t.PkgPath() + "." + t.Name()
}

// checkJSON fails for a type that has a form for JSON only, which the encoder does not use, and hides what is in it.
func checkJSON(t reflect.Type, path string) error {
	if t.Kind() != reflect.Struct || !reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()) {
		return nil
	}
	for f := range t.Fields() {
		if !f.IsExported() && !f.Anonymous {
			return fmt.Errorf("%s has MarshalJSON, which is not used, and its field %s would be lost; give it MarshalText and UnmarshalText", path, f.Name)
		}
	}
	return nil
}
