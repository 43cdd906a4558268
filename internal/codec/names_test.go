package codec_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/codec"
)

// written returns the keys under which the encoder writes the fields of a struct.
func written(t *testing.T, v any) []string {
	t.Helper()
	var fields map[any]cbor.RawMessage
	if err := cbor.Unmarshal(encode(t, v), &fields); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for key := range fields {
		if _, isText := key.(string); isText {
			keys = append(keys, fmt.Sprint(key))
			continue
		}
		keys = append(keys, fmt.Sprintf("#%v", key))
	}
	slices.Sort(keys)
	return keys
}

// described returns the keys that a shape tells of.
func described(shape string) []string {
	var keys []string
	depth, begin := 0, 1
	for i, r := range shape {
		switch r {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			depth--
		}
		if depth == 1 && r == ';' || depth == 0 && i > 1 {
			key, _, _ := strings.Cut(strings.TrimSpace(shape[begin:i]), " ")
			keys, begin = append(keys, key), i+1
		}
	}
	slices.Sort(keys)
	return keys
}

// full returns a value of the type in which nothing is empty.
func full(t reflect.Type, r *rand.Rand) reflect.Value {
	v, ok := quick.Value(t, r)
	if !ok {
		panic("no value of " + t.String())
	}
	fill(v)
	return v
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem())
	case reflect.String:
		v.SetString("x" + v.String())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() | 1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem())
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	}
}

// kinds of fields that random structs are made of.
func fieldTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[*int](),
		reflect.TypeFor[map[string]int](), reflect.TypeFor[Plain](), reflect.TypeFor[*Extra](), reflect.TypeFor[[]Tagged](),
	}
}

// randomStruct makes up a struct type whose fields' names, tags and embedded structs are likely to collide.
func randomStruct(r *rand.Rand) reflect.Type {
	tags := []string{
		"", "", `json:"a"`, `json:"b,omitempty"`, `json:"-"`, `json:"-,"`, `cbor:"c"`, `cbor:"c,omitempty" json:"d"`, `json:",omitempty"`,
		`cbor:"7,keyasint"`, `cbor:"07,keyasint"`, `cbor:"" json:"e"`, `json:"Name"`, `cbor:",omitzero"`,
	}
	embeddable := []reflect.Type{reflect.TypeFor[Base](), reflect.TypeFor[Extra](), reflect.TypeFor[Plain](), reflect.TypeFor[Tagged]()}
	var fields []reflect.StructField
	for i := range 1 + r.Intn(5) {
		name := string(rune('A'+i)) + []string{"", "x"}[r.Intn(2)]
		fields = append(fields, reflect.StructField{
			Name: name, Type: fieldTypes()[r.Intn(len(fieldTypes()))], Tag: reflect.StructTag(tags[r.Intn(len(tags))]),
		})
	}
	for _, i := range r.Perm(len(embeddable))[:r.Intn(3)] {
		e := embeddable[i]
		field := reflect.StructField{Name: e.Name(), Type: e, Anonymous: true, Tag: reflect.StructTag(tags[r.Intn(5)])}
		fields = append(fields, field)
	}
	return reflect.StructOf(fields)
}

// The shape tells of exactly the fields that the encoder writes.
func TestShapeHasTheNamesThatAreWritten(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	refused := 0
	for range 5_000 {
		typ := randomStruct(r)
		shape, err := codec.Shape(typ)
		if err != nil {
			refused++
			continue
		}
		v := full(typ, r).Interface()
		if diff := cmp.Diff(written(t, v), described(shape)); diff != "" {
			t.Fatalf("%s has shape %s (-written +described):\n%s", typ, shape, diff)
		}
	}
	if refused == 0 || refused > 4_000 {
		t.Errorf("%d of 5000 random structs were refused: that shows little", refused)
	}
}

func TestShapeOfDeclaredTypesHasTheNamesThatAreWritten(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		named{Base: Base{ID: "a"}, Extra: &Extra{}, Labels: map[string]string{"": ""}}, Tree{Value: 1}, renamed{A: "a"}, numbered{}, shadowing{}, deepTwins{},
		withPointer{&Base{}}, taggedFirst{}, branch{}, twig{},
	} {
		shape, err := codec.Shape(reflect.TypeOf(v))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(written(t, v), described(shape)); diff != "" {
			t.Errorf("%T has shape %s (-written +described):\n%s", v, shape, diff)
		}
	}
}

// sibling returns another struct type with the same fields in another order and under other names in Go.
func sibling(t reflect.Type, r *rand.Rand) reflect.Type {
	fields := slices.Collect(t.Fields())
	r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for i := range fields {
		fields[i].Name, fields[i].Offset, fields[i].Index = fmt.Sprintf("Other%d", i), 0, nil
	}
	return reflect.StructOf(fields)
}

func TestTypesOfOneShapeReadEachOthersValues(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(2))
	c := newCodec(t)
	for range 2_000 {
		var fields []reflect.StructField
		for i := range 1 + r.Intn(6) {
			fields = append(fields, reflect.StructField{
				Name: fmt.Sprintf("F%d", i), Type: fieldTypes()[r.Intn(len(fieldTypes()))], Tag: reflect.StructTag(fmt.Sprintf(`json:"f%d"`, i)),
			})
		}
		one := reflect.StructOf(fields)
		other := sibling(one, r)
		first, err := codec.Shape(one)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := codec.Shape(other); err != nil || first != second {
			t.Fatalf("%s has shape %s, and %s has %s (%v)", one, first, other, second, err)
		}
		bytes1 := encode(t, full(one, r).Interface())
		back := reflect.New(other)
		if err := c.Decode(bytes.NewReader(bytes1), back.Interface()); err != nil {
			t.Fatalf("%s does not read what %s wrote: %v", other, one, err)
		}
		if !bytes.Equal(bytes1, encode(t, back.Interface())) {
			t.Fatalf("%s reads something else than %s wrote", other, one)
		}
	}
}

func TestTypesThatDoNotReadEachOtherHaveOtherShapes(t *testing.T) {
	t.Parallel()
	type a struct{ X int }
	shapes := map[string]string{}
	for name, shape := range map[string]string{
		"a": shapeOf[a](t), "another type": shapeOf[struct{ X string }](t), "another name": shapeOf[struct{ Y int }](t),
		"one more": shapeOf[struct{ X, Y int }](t),
		"pointer":  shapeOf[*a](t), "slice": shapeOf[[]a](t), "array": shapeOf[[2]a](t), "longer array": shapeOf[[3]a](t), "map": shapeOf[map[string]a](t),
		"other keys": shapeOf[map[int]a](t), "positional": shapeOf[positional](t), "by number": shapeOf[numbered](t), "itself": shapeOf[Tree](t),
		"by text": shapeOf[struct{ X byPointer }](t),
	} {
		if other, taken := shapes[shape]; taken {
			t.Errorf("%s and %s have the same shape %s", name, other, shape)
		}
		shapes[shape] = name
	}
}
