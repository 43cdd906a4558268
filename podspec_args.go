package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	k8sjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// mergeArgs puts the fragment top of a PodSpec over base. What is wrong in either is left out: problems has told of it.
func mergeArgs(base, top map[string]any) map[string]any {
	under, _ := readArgs(nil, base)
	over, _ := readArgs(nil, top)
	if under == nil {
		return over
	}
	return overlay(reflect.TypeFor[corev1.PodSpec](), under, over)
}

// readArgs returns the fragment of a PodSpec as a JSON tree with Kubernetes' names, and what is wrong with it.
func readArgs(path *field.Path, args map[string]any) (map[string]any, field.ErrorList) {
	if args == nil {
		return nil, nil
	}
	var tree map[string]any
	text, err := json.Marshal(args)
	if err == nil {
		err = k8sjson.Unmarshal(text, &tree)
	}
	if err != nil {
		return nil, field.ErrorList{field.Invalid(path, field.OmitValueType{}, err.Error())}
	}
	r := argsReader{}
	named := r.object(path, reflect.TypeFor[corev1.PodSpec](), tree)
	return named, r.problems
}

// argsReader gives the fields of a JSON tree the names that a Kubernetes type has for them.
type argsReader struct{ problems field.ErrorList }

func (r *argsReader) object(path *field.Path, t reflect.Type, object map[string]any) map[string]any {
	fields := jsonFields(t)
	if fields == nil {
		return object
	}
	byFolded := map[string]string{}
	for name := range fields {
		byFolded[fold(name)] = name
	}
	named := make(map[string]any, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		at := path.Child(key)
		name, known := byFolded[fold(key)]
		switch _, twice := named[name]; {
		case !known:
			r.problem(at, noSuchField(t, key))
		case twice:
			r.problem(at, fmt.Sprintf("%q is there already in another spelling", name))
		default:
			named[name] = r.value(at, fields[name].elem(), object[key])
		}
	}
	return named
}

func (r *argsReader) value(path *field.Path, t reflect.Type, value any) any {
	switch value := value.(type) {
	case nil:
		r.problem(path, "null is no value; leave the field out")
	case map[string]any:
		return r.object(path, t, value)
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = r.value(path.Index(i), t, item)
		}
		return items
	}
	return value
}

func (r *argsReader) problem(at *field.Path, detail string) {
	r.problems = append(r.problems, field.Invalid(at, field.OmitValueType{}, detail))
}

// fold makes the snake, camel and Go spellings of a name equal.
func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// noSuchField says that a type has no field of the name that was typed.
func noSuchField(t reflect.Type, typed string) string {
	return fmt.Sprintf("%s has no such field; the nearest name is %q", t.Name(), nearest(typed, slices.Sorted(maps.Keys(jsonFields(t)))))
}

// nearest returns the name that takes the fewest edits to turn the typed one into.
func nearest(typed string, names []string) string {
	return slices.MinFunc(names, func(a, b string) int {
		return edits(fold(typed), fold(a)) - edits(fold(typed), fold(b))
	})
}

// edits counts the bytes to insert, delete or replace between two words (Levenshtein's distance).
func edits(from, to string) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			replace := diagonal
			if from[i] != to[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, replace)
		}
	}
	return row[len(to)]
}
