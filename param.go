package pipeline

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/codec"
	"github.com/org/k8sorch/internal/graph"
)

// Parameter is a value of type T that is given when a run is submitted. It is an input of steps like any other.
type Parameter[T any] struct {
	node *node
}

// parameter is what is known of a parameter with its type erased.
type parameter struct {
	typeName string
	usage    string
	def      json.RawMessage
	parse    func(text string) (json.RawMessage, error)
	// encode turns the JSON of the plan into the encoding that steps read.
	encode func(json.RawMessage) ([]byte, error)
}

// Param declares a parameter with its default. The name is a DNS-1123 label, unique in the pipeline; it is also the
// name of the command line flag. T may be any type that encoding/json can read and write.
func Param[T any](name string, def T) *Parameter[T] {
	at := callerSite()
	n := &node{name: name, kind: graph.Param, site: at, param: &parameter{
		typeName: reflect.TypeFor[T]().String(), parse: parseParam[T], encode: encodeParam[T],
	}}
	var err error
	if n.shape, err = codec.Shape(reflect.TypeFor[T]()); err != nil {
		n.mistakef(at, "param %q: its value cannot be handed on: %v", name, err)
	} else if n.param.def, err = json.Marshal(def); err != nil {
		n.mistakef(at, "param %q: its default cannot be written as JSON: %v", name, err)
	}
	return &Parameter[T]{node: n}
}

func (p *Parameter[T]) source(T) *node {
	if p == nil {
		return nil
	}
	return p.node
}

// Name returns the parameter's name.
func (p *Parameter[T]) Name() string { return p.node.name }

// Usage says what the parameter is for, in the command line's help.
func (p *Parameter[T]) Usage(text string) *Parameter[T] {
	at := callerSite()
	p.node.refine(at, "Usage", func() { p.node.param.usage = text })
	return p
}

// Set gives the parameter a value for one run.
func (p *Parameter[T]) Set(value T) RunOption {
	return runOption(func(o *runOptions) error {
		b, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("setting param %q: %w", p.node.name, err)
		}
		o.set(p.node.name, b)
		return nil
	})
}

// parseParam reads a value as people type it: text as it is, durations as in "90s", what reads itself from text (a
// time, an address) as it does, anything else as JSON.
func parseParam[T any](text string) (json.RawMessage, error) {
	var v T
	if err := readText(text, &v); err != nil {
		return nil, fmt.Errorf("reading %q as %T: %w", text, v, err)
	}
	return json.Marshal(v)
}

func readText[T any](text string, v *T) (err error) {
	if d, ok := any(v).(*time.Duration); ok {
		*d, err = time.ParseDuration(text)
		return err
	}
	if u, ok := any(v).(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if s := reflect.ValueOf(v).Elem(); s.Kind() == reflect.String {
		s.SetString(text)
		return nil
	}
	return strictJSON([]byte(text), v)
}

func encodeParam[T any](text json.RawMessage) ([]byte, error) {
	var v T
	if err := strictJSON(text, &v); err != nil {
		return nil, fmt.Errorf("reading %s as %T: %w", text, v, err)
	}
	c, err := codec.New()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = c.Encode(&b, v)
	return b.Bytes(), err
}

// strictJSON decodes exactly one value without unknown fields.
func strictJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if rest := strings.TrimSpace(string(text[d.InputOffset():])); rest != "" {
		return fmt.Errorf("%q follows the value", rest)
	}
	return nil
}

// ParameterInfo describes a parameter of a pipeline, for tools that list or ask for them.
type ParameterInfo struct {
	// Name is the parameter's name.
	Name string `json:"name"`
	// Type is its Go type.
	Type string `json:"type"`
	// Default is its default, in JSON.
	Default json.RawMessage `json:"default"`
	// Usage says what it is for; it may be empty.
	Usage string `json:"usage,omitempty"`
}
