package pipeline

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	k8sjson "k8s.io/apimachinery/pkg/util/json"
)

// The overlay of one Kubernetes object on another works on their JSON trees and goes by the merge keys that the Go types
// declare for strategic merge patches. It is not such a patch: patches to patches are not associative, have directives
// among the data, and set two members of a union where Kubernetes allows one.

// mergeObject returns base with everything that top sets put over it.
func mergeObject[T any, P interface {
	*T
	DeepCopy() P
}](base, top P) P {
	switch {
	case base == nil:
		return top.DeepCopy()
	case top == nil:
		return base.DeepCopy()
	}
	merged, err := overlayObject(*base, toTree(top))
	if err != nil {
		panic(fmt.Sprintf("merging two objects of type %T gave none: %v", merged, err))
	}
	return &merged
}

// overlayObject returns base with the fields of the tree put over it. It is an error when the tree has values that are
// none of T's.
func overlayObject[T any](base T, top map[string]any) (T, error) {
	var merged T
	text, err := k8sjson.Marshal(overlay(reflect.TypeFor[T](), toTree(base), top))
	if err == nil {
		err = k8sjson.Unmarshal(text, &merged)
	}
	return merged, err
}

// toTree returns the JSON tree of a Kubernetes object.
func toTree(object any) map[string]any {
	tree := map[string]any{}
	text, err := k8sjson.Marshal(object)
	if err == nil {
		err = k8sjson.Unmarshal(text, &tree)
	}
	if err != nil {
		panic(fmt.Sprintf("an object of type %T has no JSON form: %v", object, err))
	}
	return tree
}

// overlay returns base with top put over it, as values of the type t: objects field by field, lists by the field's merge
// key, anything else as a whole. Neither tree is written to.
func overlay(t reflect.Type, base, top map[string]any) map[string]any {
	merged := maps.Clone(base)
	fields := jsonFields(t)
	for name, over := range top {
		merged[name] = fields[name].overlay(base[name], over)
	}
	return merged
}

func (f jsonField) overlay(base, top any) any {
	switch over := top.(type) {
	case map[string]any:
		if under, ok := base.(map[string]any); ok && !f.union() {
			return overlay(f.elem(), under, over)
		}
	case []any:
		if under, ok := base.([]any); ok && f.mergeKey() != "" {
			return f.overlayList(under, over)
		}
	}
	return top
}

func (f jsonField) overlayList(base, top []any) []any {
	merged := slices.Clone(base)
	for _, item := range top {
		i := slices.IndexFunc(merged, func(other any) bool { return sameKey(other, item, f.mergeKey()) })
		if i < 0 {
			merged = append(merged, item)
			continue
		}
		merged[i] = f.overlay(merged[i], item)
	}
	return merged
}

// sameKey tells whether two items of a list are objects with the same text or number under the key.
func sameKey(a, b any, key string) bool {
	x, xok := a.(map[string]any)
	y, yok := b.(map[string]any)
	if !xok || !yok {
		return false
	}
	switch x[key].(type) {
	case string, int64:
		return x[key] == y[key]
	}
	return false
}

// jsonField is a field of a Kubernetes type. The zero value stands for a field that there is not.
type jsonField struct{ reflect.StructField }

// jsonFields returns the fields of a Kubernetes type by their JSON names, those of embedded types included. Types that
// are no structs, or have a JSON form of their own, have none.
func jsonFields(t reflect.Type) map[string]jsonField {
	if t == nil || t.Kind() != reflect.Struct || hasOwnJSON(t) {
		return nil
	}
	fields := map[string]jsonField{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = jsonField{f}
		}
	}
	return fields
}

// hasOwnJSON tells whether the fields of t are not those of its JSON form: quantities, times and the like.
func hasOwnJSON(t reflect.Type) bool {
	type unmarshaler interface{ UnmarshalJSON([]byte) error }
	return reflect.PointerTo(t).Implements(reflect.TypeFor[unmarshaler]())
}

// elem is the type of the field's objects, whether it holds one or a list of them.
func (f jsonField) elem() reflect.Type {
	t := f.Type
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	return t
}

// mergeKey is the field that tells the items of a list apart; empty for lists that are replaced.
func (f jsonField) mergeKey() string { return f.Tag.Get("patchMergeKey") }

// union tells whether Kubernetes allows one member of the field's objects at a time, such as one source of a volume.
// Two of them must not be mixed. Types declare that for volumes only.
func (f jsonField) union() bool {
	if strings.Contains(f.Tag.Get("patchStrategy"), "retainKeys") {
		return true
	}
	switch f.Name {
	case "Env", "SeccompProfile", "AppArmorProfile", "LivenessProbe", "ReadinessProbe", "StartupProbe", "PostStart", "PreStop":
		return true
	}
	return false
}
