package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// paramFlag is the flag that sets any parameter by its name.
const paramFlag = "param"

// parameters are those of a pipeline, as flags.
type parameters struct {
	infos []pipeline.ParameterInfo
	// given are the values that were given, in the order of the command line, in which the last one counts.
	given []pipeline.RunOption
}

// flags returns a flag for each parameter whose name is not taken, and one for all.
func (p *parameters) flags(taken func(name string) bool) *pflag.FlagSet {
	set := newFlagSet()
	if len(p.infos) == 0 {
		return set
	}
	var nameless []string
	for _, info := range p.infos {
		if taken(info.Name) {
			nameless = append(nameless, info.Name)
			continue
		}
		v := &paramValue{info: info, kind: kindOf(info.Type), params: p, text: defaultText(info)}
		set.VarPF(v, info.Name, "", info.Usage).NoOptDefVal = v.kind.bare
	}
	set.Var(&anyParamValue{p}, paramFlag, p.usage(nameless))
	return set
}

// usage explains the flag that sets any parameter.
func (p *parameters) usage(nameless []string) string {
	first := p.infos[0]
	var text strings.Builder
	fmt.Fprintf(&text, "set a parameter by its name, as in --%s %s=%s", paramFlag, first.Name, quoted(defaultText(first)))
	for _, info := range p.infos {
		if slices.Contains(nameless, info.Name) {
			fmt.Fprintf(&text, "\nthe only way to set %s (%s, default %s), since --%s is something else",
				info.Name, kindOf(info.Type).name, quoted(defaultText(info)), info.Name)
			if info.Usage != "" {
				text.WriteString(":\n" + info.Usage)
			}
		}
	}
	return text.String()
}

// isParam tells whether a flag, if there is one, is a parameter's own.
func isParam(f *pflag.Flag) bool {
	if f == nil {
		return false
	}
	_, ok := f.Value.(*paramValue)
	return ok
}

// set gives the parameter a value, if that is one of its kind.
func (p *parameters) set(info pipeline.ParameterInfo, text string) error {
	if k := kindOf(info.Type); !k.accepts(text) {
		return fmt.Errorf("give %s, such as %s", k.words, quoted(defaultText(info)))
	}
	p.given = append(p.given, pipeline.SetText(info.Name, text))
	return nil
}

// paramValue is the value of a parameter's own flag. It implements [pflag.Value].
type paramValue struct {
	info   pipeline.ParameterInfo
	kind   kind
	params *parameters
	text   string
}

// String returns the value that was given last, or the default.
func (v *paramValue) String() string { return v.text }

// Type names the kind of value in the help.
func (v *paramValue) Type() string { return v.kind.name }

// Set implements [pflag.Value].
func (v *paramValue) Set(text string) error {
	v.text = text
	return v.params.set(v.info, text)
}

// anyParamValue is the value of the flag that sets any parameter. It implements [pflag.Value].
type anyParamValue struct{ params *parameters }

// String is empty: there is no default.
func (v *anyParamValue) String() string { return "" }

// Type names the kind of value in the help.
func (v *anyParamValue) Type() string { return "name=value" }

// Set implements [pflag.Value].
func (v *anyParamValue) Set(arg string) error {
	name, text, ok := strings.Cut(arg, "=")
	if !ok {
		return fmt.Errorf("give a name and a value, such as %s=%s", v.params.infos[0].Name, quoted(defaultText(v.params.infos[0])))
	}
	var have []string
	for _, info := range v.params.infos {
		if info.Name == name {
			return v.params.set(info, text)
		}
		have = append(have, info.Name)
	}
	return fmt.Errorf("there is no parameter %q; there are %s", name, strings.Join(have, ", "))
}

// defaultText returns a parameter's default as it would be typed.
func defaultText(info pipeline.ParameterInfo) string {
	var nanoseconds int64
	if info.Type == typeDuration && json.Unmarshal(info.Default, &nanoseconds) == nil {
		return time.Duration(nanoseconds).String()
	}
	if info.Type == typeString {
		return plain(info.Default)
	}
	return string(info.Default)
}
