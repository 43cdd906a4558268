package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// checkKeys finds the keys and values of a tree that the type has no place for, and takes the settings with such out of
// the tree: nothing more can be said of them. What is null counts as left out.
func (f *settingsFile) checkKeys(at *field.Path, t reflect.Type, tree any) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	object, isObject := tree.(map[string]any)
	list, isList := tree.([]any)
	fields := jsonFields(t)
	switch {
	case tree == nil || t.Kind() == reflect.Interface:
	case isObject && fields != nil:
		f.checkFields(at, t, object)
	case isObject && t.Kind() == reflect.Map:
		for _, key := range slices.Sorted(maps.Keys(object)) {
			f.checkKeys(at.Key(key), t.Elem(), object[key])
		}
	case isList && t.Kind() == reflect.Slice:
		for i, item := range list {
			f.checkKeys(at.Index(i), t.Elem(), item)
		}
	default:
		f.checkValue(at, t, tree)
	}
}

func (f *settingsFile) checkFields(at *field.Path, t reflect.Type, object map[string]any) {
	fields := jsonFields(t)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		before := len(f.mistakes)
		known, ok := fields[key]
		if ok {
			f.checkKeys(at.Child(key), known.Type, object[key])
		} else {
			f.mistake(at.Child(key).String(), noSuchField(t, key))
		}
		_, isObject := object[key].(map[string]any)
		hasSettings := isObject && known.elem() == reflect.TypeFor[KubernetesPodSettings]()
		if len(f.mistakes) > before && !hasSettings {
			delete(object, key)
		}
	}
}

// checkValue never repeats a value: it may be a secret.
func (f *settingsFile) checkValue(at *field.Path, t reflect.Type, value any) {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, reflect.New(t).Interface())
	}
	if err == nil {
		return
	}
	detail := err.Error()
	switch t.Kind() {
	case reflect.String:
		detail = "give text, in quotes where it looks like something else"
	case reflect.Bool:
		detail = "give true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		detail = fmt.Sprintf("give a whole number of at most %d bits", t.Bits())
	case reflect.Float64:
		detail = "give a number"
	case reflect.Slice:
		detail = "give a list"
	case reflect.Map:
		detail = "give keys and values"
	case reflect.Struct:
		if !hasOwnJSON(t) {
			detail = "give keys and values"
		}
	}
	f.mistake(pathText(at), detail)
}

// pathText is the path as text; that of the whole file is empty.
func pathText(at *field.Path) string {
	if at == nil {
		return ""
	}
	return at.String()
}

// decoded returns the value that a JSON tree stands for.
func decoded[T any](tree any) (value T, _ error) {
	text, err := json.Marshal(tree)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	return value, err
}
