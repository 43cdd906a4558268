package cli

import (
	"encoding/json"
	"time"
)

// Go types of parameters that are not typed as JSON.
const (
	typeString   = "string"
	typeDuration = "time.Duration"
)

// kind is how the values of a parameter are typed on a command line.
type kind struct {
	// name stands in the help.
	name string
	// words say what to type.
	words string
	// accepts tells whether a text is a value, as far as that can be told from the type's name. [pipeline.SetText] has the
	// last word.
	accepts func(text string) bool
	// bare is the value of a flag without one; empty where one is needed.
	bare string
	// values are all that there are, where they are few.
	values []string
}

// kindOf returns the kind of a Go type.
func kindOf(goType string) kind {
	switch goType {
	case typeString:
		return kind{name: "string", words: "a text", accepts: func(string) bool { return true }}
	case typeDuration:
		return kind{name: "duration", words: "a duration", accepts: isDuration}
	case "bool":
		return kind{name: "bool", words: "true or false", accepts: reads[bool], bare: "true", values: []string{"true", "false"}}
	case "float64", "float32":
		return kind{name: goType, words: "a number", accepts: reads[float64]}
	}
	if accepts, ok := wholeNumbers()[goType]; ok {
		return kind{name: goType, words: "a whole number", accepts: accepts}
	}
	return kind{name: "json", words: "JSON", accepts: func(text string) bool { return json.Valid([]byte(text)) }}
}

func wholeNumbers() map[string]func(string) bool {
	return map[string]func(string) bool{
		"int": reads[int], "int8": reads[int8], "int16": reads[int16], "int32": reads[int32], "int64": reads[int64],
		"uint": reads[uint], "uint8": reads[uint8], "uint16": reads[uint16], "uint32": reads[uint32], "uint64": reads[uint64],
	}
}

// reads tells whether a text is a T in JSON.
func reads[T any](text string) bool {
	var v *T
	return json.Unmarshal([]byte(text), &v) == nil && v != nil
}

func isDuration(text string) bool {
	_, err := time.ParseDuration(text)
	return err == nil
}
