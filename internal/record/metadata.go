package record

import (
	"cmp"
	"maps"
	"slices"
)

// Metadata is what an attempt has said of itself: facts that are worth keeping beside its value.
type Metadata struct {
	// Values are texts by their keys.
	Values map[string]string `json:"values,omitempty"`
	// Metrics are numbers by their names.
	Metrics map[string]float64 `json:"metrics,omitempty"`
	// Dropped is how many more there were, for which a report had no room.
	Dropped int `json:"dropped,omitempty"`
}

// len returns how many entries there are.
func (m *Metadata) len() int {
	if m == nil {
		return 0
	}
	return len(m.Values) + len(m.Metrics)
}

// first returns the metadata with so many of its entries and the number of the others: metrics, which are short, before
// values, and each in the order of their names.
func (m *Metadata) first(entries int) *Metadata {
	if m == nil || entries >= m.len() {
		return m
	}
	kept := &Metadata{Dropped: m.Dropped + m.len() - entries}
	kept.Metrics, entries = firstOf(m.Metrics, entries)
	kept.Values, _ = firstOf(m.Values, entries)
	return kept
}

// firstOf returns so many entries of a map, those with the least keys, and how many more would have been taken.
func firstOf[V any](m map[string]V, entries int) (map[string]V, int) {
	keys := slices.SortedFunc(maps.Keys(m), cmp.Compare[string])
	keys = keys[:min(len(keys), entries)]
	if len(keys) == 0 {
		return nil, entries
	}
	kept := map[string]V{}
	for _, key := range keys {
		kept[key] = m[key]
	}
	return kept, entries - len(kept)
}
