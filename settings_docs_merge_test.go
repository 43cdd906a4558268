package pipeline

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// mergeKind says how a field merges, by what comes of merging its values in pairs. The path leads to the field.
func mergeKind(t *testing.T, values []KubernetesOrchestratorSettings, path ...reflect.StructField) string {
	t.Helper()
	fits := map[string]bool{}
	for i, base := range values {
		for j, top := range values {
			if i == j {
				continue
			}
			merged := fieldTree(t, mergeSettings(base, top), path)
			for kind, want := range mergesOf(fieldTree(t, base, path), fieldTree(t, top, path), merged) {
				before, known := fits[kind]
				fits[kind] = (before || !known) && reflect.DeepEqual(want, merged)
			}
		}
	}
	if fits["replaces"] {
		return "replaces"
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(fits)) {
		if fits[kind] {
			kinds = append(kinds, kind)
		}
	}
	last := path[len(path)-1].Type
	if len(kinds) == 1 && kinds[0] == "by field" && last == reflect.TypeFor[map[string]string]() {
		return "by key"
	}
	return strings.Join(kinds, " or ")
}

// fieldTree returns the JSON tree of one field. Merging with nothing brings additional arguments into the form that
// merging gives them.
func fieldTree(t *testing.T, s KubernetesOrchestratorSettings, path []reflect.StructField) (tree any) {
	t.Helper()
	remarshal(t, mergeSettings(KubernetesOrchestratorSettings{}, s), &tree)
	for _, f := range path {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		tree = tree.(map[string]any)[key]
	}
	return tree
}

// mergesOf returns what would come of each kind of merging that there could be for two values. What came of it is
// only looked at for the fields that both objects have: they may have merged in turn.
func mergesOf(base, top, merged any) map[string]any {
	kinds := map[string]any{"replaces": top}
	switch over := top.(type) {
	case map[string]any:
		under := base.(map[string]any)
		union := maps.Clone(under)
		maps.Copy(union, over)
		got, _ := merged.(map[string]any)
		for key := range under {
			if _, both := over[key]; both {
				union[key] = got[key]
			}
		}
		kinds["by field"] = union
	case []any:
		under, _ := base.([]any)
		kinds["by value"] = mergeItems(under, over, func(item any) any { return item })
		for _, name := range stringKeys(slices.Concat(under, over)) {
			kinds["by `"+name+"`"] = mergeItems(under, over, func(item any) any { return item.(map[string]any)[name] })
		}
	}
	return kinds
}

func mergeItems(base, top []any, key func(any) any) []any {
	merged := slices.Clone(base)
	for _, item := range top {
		i := slices.IndexFunc(merged, func(other any) bool { return reflect.DeepEqual(key(other), key(item)) })
		if i < 0 {
			merged = append(merged, item)
		} else {
			merged[i] = item
		}
	}
	return merged
}

// stringKeys returns the keys under which every item has text.
func stringKeys(items []any) (keys []string) {
	if len(items) == 0 {
		return nil
	}
	first, _ := items[0].(map[string]any)
	for key := range first {
		if !slices.ContainsFunc(items, func(item any) bool { _, ok := item.(map[string]any)[key].(string); return !ok }) {
			keys = append(keys, key)
		}
	}
	return keys
}
