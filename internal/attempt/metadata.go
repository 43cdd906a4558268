package attempt

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/org/k8sorch/internal/record"
)

// Bounds of what an attempt may say of itself. Together they keep the records of a run with ten thousand steps within what a
// client can hold, and one record far below the 1 MiB of a ConfigMap.
const (
	// MaxMetadata is how many values and metrics there may be together.
	MaxMetadata = 32
	// MaxMetadataKey is the longest key or name, in bytes.
	MaxMetadataKey = 63
	// MaxMetadataValue is the longest value, in bytes.
	MaxMetadataValue = 256
)

// Metadata gathers what an attempt says of itself. It is safe for concurrent use, and of a nil one nothing is said.
type Metadata struct {
	mu      sync.Mutex
	values  map[string]string
	metrics map[string]float64
	refused map[refusal]bool
}

// refusal is why something is not kept.
type refusal string

const (
	badKey     refusal = "key"
	badValue   refusal = "value"
	tooMany    refusal = "number"
	notANumber refusal = "finite"
)

// RefusedError says why something is not kept.
type RefusedError struct {
	message string
	// First tells that nothing was refused for this reason before.
	First bool
}

// Error implements error.
func (e *RefusedError) Error() string { return e.message }

// NewMetadata returns metadata of which nothing is said yet.
func NewMetadata() *Metadata {
	return &Metadata{values: map[string]string{}, metrics: map[string]float64{}, refused: map[refusal]bool{}}
}

// SetValue keeps a text under a key, in the place of the one that is there. The error is a [*RefusedError].
func (m *Metadata) SetValue(key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, there := m.values[key]
	if err := m.check(key, there); err != nil {
		return err
	}
	if len(value) > MaxMetadataValue {
		return m.refuse(badValue, "it has %d bytes, and a value may have %d", len(value), MaxMetadataValue)
	}
	if !utf8.ValidString(value) {
		return m.refuse(badValue, "it is not UTF-8")
	}
	m.values[key] = value
	return nil
}

// SetMetric keeps a number under a name, in the place of the one that is there. The error is a [*RefusedError].
func (m *Metadata) SetMetric(name string, value float64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, there := m.metrics[name]
	if err := m.check(name, there); err != nil {
		return err
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return m.refuse(notANumber, "%v cannot be kept, since records are JSON: give a finite number", value)
	}
	m.metrics[name] = value
	return nil
}

// check refuses a key, or one more entry where there are as many as there may be.
func (m *Metadata) check(key string, there bool) error {
	switch {
	case key == "" || len(key) > MaxMetadataKey || !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl):
		return m.refuse(badKey, "its key must have 1 to %d bytes of UTF-8 without control characters", MaxMetadataKey)
	case !there && len(m.values)+len(m.metrics) >= MaxMetadata:
		return m.refuse(tooMany, "an attempt keeps %d values and metrics together, and there are as many", MaxMetadata)
	}
	return nil
}

func (m *Metadata) refuse(why refusal, format string, args ...any) error {
	first := !m.refused[why]
	m.refused[why] = true
	return &RefusedError{message: fmt.Sprintf(format, args...), First: first}
}

// Said returns what was said so far; nil when nothing was.
func (m *Metadata) Said() *record.Metadata {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.values)+len(m.metrics) == 0 {
		return nil
	}
	said := &record.Metadata{}
	if len(m.values) > 0 {
		said.Values = maps.Clone(m.values)
	}
	if len(m.metrics) > 0 {
		said.Metrics = maps.Clone(m.metrics)
	}
	return said
}
