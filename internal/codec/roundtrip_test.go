package codec_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type (
	// Base and Extra are lent to the structs that embed them.
	Base struct {
		ID  string `json:"id"`
		Tag []byte
	}
	Extra struct{ Note string }
	// Tree contains itself.
	Tree struct {
		Left, Right *Tree
		Value       int `json:"value,omitempty"`
	}
	// Color is a byte with a name.
	Color uint8
	named struct {
		Base
		*Extra
		Name   string    `json:"name"`
		When   time.Time `json:"when"`
		Hosts  map[netip.Addr]int
		Labels map[string]string `json:",omitempty"`
		Any    any
		hidden int
	}
)

func TestValuesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"nothing":            struct{}{},
		"bool":               true,
		"smallest int":       int64(math.MinInt64),
		"largest uint":       uint64(math.MaxUint64),
		"rune":               'ß',
		"float":              math.Pi,
		"smallest float":     math.SmallestNonzeroFloat64,
		"not a number":       math.NaN(),
		"infinities":         []float64{math.Inf(1), math.Inf(-1)},
		"float32":            []float32{1.5, math.MaxFloat32, float32(math.NaN())},
		"text":               "héllo, 世界\x00",
		"text that is none":  "\xff\xfe\x80",
		"keys that are none": map[string]int{"\xff": 1, "": 2},
		"bytes":              []byte{0, 255, 128},
		"bytes by name":      []Color{0, 255},
		"array of bytes":     [3]byte{1, 2, 3},
		"nil and empty":      [][]int{nil, {}, {1}},
		"nil map":            map[string]int(nil),
		"empty map":          map[string]int{},
		"pointers":           []*int{nil, new(7)},
		"numbers as keys":    map[int64]string{-1: "a", math.MaxInt64: "b"},
		"arrays as keys":     map[[2]int]bool{{1, 2}: true},
		"structs as keys":    map[Extra]int{{"a"}: 1},
		"text as keys":       map[netip.Addr]string{netip.MustParseAddr("::1"): "home"},
		"fractions as keys":  map[word]int{"a": 1},
		"big":                new(big.Int).Lsh(big.NewInt(-1), 200),
		"big by value":       *big.NewInt(42),
		"fraction":           big.NewRat(1, 3),
		"duration":           time.Hour,
		"time":               time.Date(2026, 2, 3, 4, 5, 6, 789, time.FixedZone("", 2*3600)),
		"no time":            time.Time{},
		"times":              []time.Time{time.Unix(0, 1), {}},
		"address":            netip.MustParsePrefix("10.0.0.0/8"),
		"url":                url.URL{Scheme: "https", Host: "example.org", Path: "/a b"},
		"tree":               Tree{Left: &Tree{Value: 1}, Right: &Tree{Left: &Tree{Value: -5}}},
		"embedded":           named{Base: Base{ID: "a", Tag: []byte{1}}, Extra: &Extra{"n"}, Name: "x", Hosts: map[netip.Addr]int{{}: 1}},
		"embedded nil":       named{Base: Base{ID: "a"}, Labels: map[string]string{"k": "v"}},
		"any":                []any{nil, true, int64(-1), 2.5, "s", []byte{1}, []any{int64(1)}, map[string]any{"k": int64(1)}},
		"big any":            []any{new(big.Int).SetUint64(math.MaxUint64)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same := cmp.Options{
				cmpopts.EquateNaNs(), cmp.AllowUnexported(named{}),
				cmp.Comparer(func(a, b big.Int) bool { return a.Cmp(&b) == 0 }),
				cmp.Comparer(func(a, b big.Rat) bool { return a.Cmp(&b) == 0 }),
				cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
				cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
			}
			if diff := cmp.Diff(v, roundTrip(t, v), same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrderOfAMapDoesNotShow(t *testing.T) {
	t.Parallel()
	want := encode(t, map[string]int{"a": 1, "bb": 2, "ccc": 3, "": 4})
	for range 20 {
		if !bytes.Equal(want, encode(t, map[string]int{"": 4, "ccc": 3, "bb": 2, "a": 1})) {
			t.Fatal("equal maps have different bytes")
		}
	}
}

func TestLargeValuesComeBack(t *testing.T) {
	t.Parallel()
	numbers := make([]int32, 1_000_000)
	table := map[int]string{}
	for i := range numbers {
		numbers[i] = int32(i * 7919)
		if i%5 == 0 {
			table[i] = "v"
		}
	}
	if got := roundTrip(t, numbers).([]int32); !reflect.DeepEqual(numbers, got) {
		t.Error("a million numbers come back different")
	}
	if got := roundTrip(t, table).(map[int]string); !reflect.DeepEqual(table, got) {
		t.Error("200,000 pairs come back different")
	}
}

// A value may come in pieces of any size. A decoder that looked at all it has for each of them would not be done today.
func TestSmallPiecesAreReadInTime(t *testing.T) {
	t.Parallel()
	v := strings.Repeat("x", 4<<20)
	var got string
	if err := newCodec(t).Decode(iotest.OneByteReader(bytes.NewReader(encode(t, v))), &got); err != nil {
		t.Fatal(err)
	}
	if got != v {
		t.Error("the text comes back different")
	}
}

// list is a value that nests as deep as it is long.
type list struct{ Next *list }

func listOf(n int) *list {
	var l *list
	for range n {
		l = &list{Next: l}
	}
	return l
}

func TestDeepValuesComeBackOrAreRefusedWhereTheyAreMade(t *testing.T) {
	t.Parallel()
	if got := roundTrip(t, listOf(60_000)).(*list); got == nil {
		t.Error("a long list comes back as nil")
	}
	err := newCodec(t).Encode(io.Discard, listOf(70_000))
	if err == nil || !strings.HasPrefix(err.Error(), "encoding *codec_test.list: ") || !strings.Contains(err.Error(), "nested level") {
		t.Errorf("error = %v, want one that tells of the depth", err)
	}
}

func TestDecodeRefusesWhatIsNotOneValue(t *testing.T) {
	t.Parallel()
	one := encode(t, 1)
	for name, tt := range map[string]struct {
		from io.Reader
		want string
	}{
		"nothing":      {strings.NewReader(""), "decoding *int: EOF"},
		"half a value": {bytes.NewReader(encode(t, math.Pi)[:5]), "decoding *int: unexpected EOF"},
		"two values":   {bytes.NewReader(append(one, one...)), "decoding *int: more bytes follow the value"},
		"another type": {bytes.NewReader(encode(t, "text")), "decoding *int: cbor: cannot unmarshal UTF-8 text string into Go value of type int"},
		"no value":     {strings.NewReader("\xff"), "decoding *int: cbor: unexpected \"break\" code"},
		"a bad reader": {iotest.ErrReader(errors.New("broken pipe")), "decoding *int: broken pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v int
			if err := newCodec(t).Decode(tt.from, &v); message(err) != tt.want {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestEncodeTellsOfAWriterThatFails(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	r, w := io.Pipe()
	r.CloseWithError(full)
	if err := newCodec(t).Encode(w, 1); !errors.Is(err, full) || err.Error() != "encoding int: disk full" {
		t.Errorf("error = %v", err)
	}
}

func TestEncodeTellsOfAValueThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"channel":           make(chan int),
		"function in a map": map[string]any{"f": func() {}},
		"year":              time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if err := newCodec(t).Encode(io.Discard, v); err == nil || !strings.HasPrefix(err.Error(), "encoding ") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}
