package codec

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// field is a field of a struct as the encoder sees it: its own, or one that an embedded struct lends to it.
type field struct {
	name string
	// number tells that the name is an integer, and encoded as one.
	number bool
	// tagged names win over others.
	tagged bool
	typ    reflect.Type
	// index are the positions on the way to it.
	index []int
	// path names it for people, beginning with a dot.
	path string
}

// key returns what the field is told by.
func (f field) key() string {
	if f.number {
		return "#" + f.name
	}
	return f.name
}

// visibleFields returns the fields that the encoder writes, in order of declaration. The rules are those of encoding/json,
// except that what those would silently leave out is an error: two fields that claim the same name with the same right.
func visibleFields(t reflect.Type, path string) ([]field, error) {
	candidates, err := collect(t, path)
	if err != nil {
		return nil, err
	}
	var visible []field
	claims := map[string][]field{}
	for _, f := range candidates {
		claims[f.key()] = append(claims[f.key()], f)
	}
	for _, f := range candidates {
		rivals := claims[f.key()]
		if len(rivals) == 0 {
			continue
		}
		delete(claims, f.key())
		slices.SortFunc(rivals, byRight)
		if len(rivals) > 1 && sameRight(rivals[0], rivals[1]) {
			return nil, fmt.Errorf("%s: the fields %s and %s are both called %q, so neither would be encoded; rename one",
				path, rivals[0].path[1:], rivals[1].path[1:], rivals[0].name)
		}
		visible = append(visible, rivals[0])
	}
	slices.SortFunc(visible, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return visible, nil
}

// byRight puts the field first that has the name: the least nested one, then one whose tag gives it that name.
func byRight(a, b field) int {
	if c := cmp.Compare(len(a.index), len(b.index)); c != 0 {
		return c
	}
	if a.tagged != b.tagged {
		if a.tagged {
			return -1
		}
		return 1
	}
	return slices.Compare(a.index, b.index)
}

func sameRight(a, b field) bool { return len(a.index) == len(b.index) && a.tagged == b.tagged }

// collect returns the fields of a struct and of those embedded in it, level by level. A struct that is embedded again
// deeper down is left out there: its fields are there already.
func collect(t reflect.Type, path string) ([]field, error) {
	var all []field
	seen := map[reflect.Type]bool{}
	for level := []field{{typ: t}}; len(level) > 0; {
		var next []field
		for _, outer := range level {
			own, embedded, err := split(outer)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			all, next = append(all, own...), append(next, embedded...)
		}
		for _, outer := range level {
			seen[structOf(outer.typ)] = true
		}
		level = slices.DeleteFunc(next, func(f field) bool { return seen[structOf(f.typ)] })
	}
	return all, nil
}

// split returns the fields of an embedded struct, apart from those that are structs embedded in their turn.
func split(outer field) (own, embedded []field, err error) {
	i := -1
	for sf := range structOf(outer.typ).Fields() {
		i++
		f, embeds, skip := readField(sf)
		f.path, f.index = outer.path+"."+sf.Name, append(slices.Clone(outer.index), i)
		switch {
		case skip:
		case embeds && sf.Type.Kind() == reflect.Pointer && !sf.IsExported():
			return nil, nil, fmt.Errorf("the embedded pointer %s is not exported, so it could not be decoded; embed the struct itself", f.path[1:])
		case embeds:
			embedded = append(embedded, f)
		default:
			if f, err = number(f, sf); err != nil {
				return nil, nil, err
			}
			own = append(own, f)
		}
	}
	return own, embedded, nil
}

// readField reads a field's tag. Embeds tells that its fields count as those of the struct around it.
func readField(sf reflect.StructField) (f field, embeds, skip bool) {
	isStruct := structOf(sf.Type) != nil
	tag := tagOf(sf)
	if tag == "-" || !sf.IsExported() && !(sf.Anonymous && isStruct) {
		return field{}, false, true
	}
	name, _, _ := strings.Cut(tag, ",")
	embeds = sf.Anonymous && isStruct && name == ""
	return field{name: cmp.Or(name, sf.Name), tagged: tag != "", typ: sf.Type}, embeds, false
}

// tagOf returns the tag that counts.
func tagOf(sf reflect.StructField) string { return cmp.Or(sf.Tag.Get("cbor"), sf.Tag.Get("json")) }

// number returns the field with its name made canonical, if it is one of those that are encoded as integers.
func number(f field, sf reflect.StructField) (field, error) {
	_, options, _ := strings.Cut(tagOf(sf), ",")
	if !slices.Contains(strings.Split(options, ","), "keyasint") {
		return f, nil
	}
	n, err := strconv.Atoi(f.name)
	if err != nil {
		return f, fmt.Errorf("the field %s is to be encoded by its number, and %q is none", f.path[1:], f.name)
	}
	f.name, f.number = strconv.Itoa(n), true
	return f, nil
}

// structOf returns the struct that a type is or points to, nil if it is none.
func structOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// asArray tells that a struct asks to be encoded as an array of its fields.
func asArray(t reflect.Type) bool {
	f, _ := t.FieldByName("_")
	_, options, _ := strings.Cut(f.Tag.Get("cbor"), ",")
	return slices.ContainsFunc(strings.Split(options, ","), func(o string) bool { return o == "toarray" || o == "toindefarray" })
}
