package codec

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

var (
	mapType             = reflect.TypeFor[map[string]any]()
	timeType            = reflect.TypeFor[time.Time]()
	cborMarshalerType   = reflect.TypeFor[cbor.Marshaler]()
	binaryMarshalerType = reflect.TypeFor[encoding.BinaryMarshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	cborDecoderType     = reflect.TypeFor[cbor.Unmarshaler]()
	binaryDecoderType   = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	textDecoderType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// Shape describes how values of type t are encoded: two types with the same shape can read each other's values. It
// fails when values of t cannot be encoded, or would lose everything they hold on the way.
func Shape(t reflect.Type) (string, error) {
	w := walker{open: map[reflect.Type]int{}}
	return w.shape(t, t.String())
}

// walker describes one type. It keeps the types it is inside of, since types may contain themselves.
type walker struct {
	open map[reflect.Type]int
}

func (w *walker) shape(t reflect.Type, path string) (string, error) {
	if s, ok, err := marshaled(t, path); ok || err != nil {
		return s, err
	}
	if depth, ok := w.open[t]; ok {
		return fmt.Sprintf("^%d", depth), nil
	}
	w.open[t] = len(w.open)
	defer delete(w.open, t)
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Uintptr, reflect.Complex64, reflect.Complex128:
		return "", fmt.Errorf("%s is a %s, which cannot be encoded", path, t.Kind())
	case reflect.Interface:
		return interfaceShape(t, path)
	case reflect.Struct:
		return w.structShape(t, path)
	case reflect.Map:
		return w.mapShape(t, path)
	case reflect.Pointer:
		return w.prefixed("*", t.Elem(), path)
	case reflect.Slice:
		return w.prefixed("[]", t.Elem(), path+"[]")
	case reflect.Array:
		return w.prefixed(fmt.Sprintf("[%d]", t.Len()), t.Elem(), path+"[]")
	default:
		return t.Kind().String(), nil
	}
}

func (w *walker) prefixed(prefix string, elem reflect.Type, path string) (string, error) {
	s, err := w.shape(elem, path)
	return prefix + s, err
}

func (w *walker) mapShape(t reflect.Type, path string) (string, error) {
	key, err := w.shape(t.Key(), path+" key")
	if err != nil {
		return "", err
	}
	return w.prefixed("map["+key+"]", t.Elem(), path+"[]")
}

// marshaled describes types that encode themselves. They must decode themselves too, or the value is lost at the other
// end.
func marshaled(t reflect.Type, path string) (shape string, ok bool, err error) {
	if t == timeType {
		return "time", true, nil
	}
	pairs := []struct {
		kind        string
		encode, dec reflect.Type
	}{
		{"cbor", cborMarshalerType, cborDecoderType},
		{"binary", binaryMarshalerType, binaryDecoderType},
		{"text", textMarshalerType, textDecoderType},
	}
	for _, p := range pairs {
		if !t.Implements(p.encode) || t.Kind() == reflect.Interface {
			continue
		}
		if t.Kind() != reflect.Pointer && !reflect.PointerTo(t).Implements(p.dec) || t.Kind() == reflect.Pointer && !t.Implements(p.dec) {
			return "", false, fmt.Errorf("%s has a %s without a %s, so it could not be decoded", path, p.encode.Name(), p.dec.Name())
		}
		return p.kind + "(" + t.String() + ")", true, nil
	}
	return "", false, nil
}

func interfaceShape(t reflect.Type, path string) (string, error) {
	if t.NumMethod() > 0 {
		return "", fmt.Errorf("%s is the interface %s: the type behind it would be lost; use a concrete type", path, t)
	}
	return "any", nil
}

func (w *walker) structShape(t reflect.Type, path string) (string, error) {
	fields, err := w.fields(t, path)
	if err != nil {
		return "", err
	}
	if len(fields) == 0 && t.NumField() > 0 {
		return "", fmt.Errorf("%s would encode to nothing: it has no exported field; export some, or give it MarshalBinary and UnmarshalBinary", path)
	}
	return "{" + strings.Join(fields, "; ") + "}", nil
}

func (w *walker) fields(t reflect.Type, path string) ([]string, error) {
	var fields []string
	for f := range t.Fields() {
		name, skip := fieldName(f)
		if skip {
			continue
		}
		if f.Anonymous && name == "" && elem(f.Type).Kind() == reflect.Struct {
			inner, err := w.embedded(elem(f.Type), path+"."+f.Name)
			if err != nil {
				return nil, err
			}
			fields = append(fields, inner...)
			continue
		}
		s, err := w.shape(f.Type, path+"."+f.Name)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, name+" "+s)
	}
	return fields, nil
}

// embedded returns the fields that an embedded struct lends to the one around it.
func (w *walker) embedded(t reflect.Type, path string) ([]string, error) {
	if _, ok := w.open[t]; ok {
		return nil, fmt.Errorf("%s embeds itself, which cannot be encoded", path)
	}
	w.open[t] = len(w.open)
	defer delete(w.open, t)
	return w.fields(t, path)
}

func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// fieldName returns the name that a field's tag gives it, and whether the field is left out.
func fieldName(f reflect.StructField) (name string, skip bool) {
	if !f.IsExported() && !f.Anonymous {
		return "", true
	}
	tag, ok := f.Tag.Lookup("cbor")
	if !ok {
		tag = f.Tag.Get("json")
	}
	name, _, _ = strings.Cut(tag, ",")
	return name, name == "-"
}
