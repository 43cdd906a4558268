package codec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

var mapType = reflect.TypeFor[map[string]any]()

// Shape describes how values of type t are encoded: two types with the same shape can read each other's values. It
// fails when values of t cannot be encoded, or would lose on the way what makes them up.
func Shape(t reflect.Type) (string, error) {
	w := walker{open: map[reflect.Type]int{}}
	return w.shape(t, t.String())
}

// walker describes one type. It keeps the types it is inside of, since types may contain themselves.
type walker struct {
	open map[reflect.Type]int
}

func (w *walker) shape(t reflect.Type, path string) (string, error) {
	if s, ok, err := ownShape(t, path); ok || err != nil {
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
	if err != nil {
		return "", err
	}
	return prefix + s, nil
}

func (w *walker) mapShape(t reflect.Type, path string) (string, error) {
	key, err := w.shape(t.Key(), path+" key")
	if err != nil {
		return "", err
	}
	return w.prefixed("map["+key+"]", t.Elem(), path+"[]")
}

func interfaceShape(t reflect.Type, path string) (string, error) {
	if t.NumMethod() > 0 {
		return "", fmt.Errorf("%s is the interface %s: the type behind it would be lost; use a concrete type", path, t)
	}
	return "any", nil
}

// structShape describes a struct: as a map, in which the order of the fields means nothing, or as an array.
func (w *walker) structShape(t reflect.Type, path string) (string, error) {
	fields, err := visibleFields(t, path)
	if err != nil {
		return "", err
	}
	if len(fields) == 0 && t.NumField() > 0 {
		return "", fmt.Errorf("%s would encode to nothing: it has no exported field; export some, or give it MarshalBinary and UnmarshalBinary", path)
	}
	var shapes []string
	for _, f := range fields {
		s, err := w.shape(f.typ, path+f.path)
		if err != nil {
			return "", err
		}
		shapes = append(shapes, f.key()+" "+s)
	}
	if asArray(t) {
		return "(" + strings.Join(shapes, "; ") + ")", nil
	}
	slices.Sort(shapes)
	return "{" + strings.Join(shapes, "; ") + "}", nil
}
