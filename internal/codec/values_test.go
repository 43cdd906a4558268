package codec_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/org/k8sorch/internal/codec"
)

type basis struct {
	ID   int64 `json:"id"`
	Note *string
}

type everything struct {
	basis    // not exported: its exported fields are promoted
	Floats   []float64
	Bytes    []byte
	Text     string
	Big      *big.Int
	When     time.Time
	Addr     netip.Addr
	ByAddr   map[netip.Addr]int
	Nested   map[string][]basis
	Any      any
	Left     int `json:"-"`
	Renamed  bool
	Wait     time.Duration
	Array    [3]uint8
	Nothing  []int
	Empty    []int
	Optional *basis
}

func carried[T any](t *testing.T, v T) T {
	t.Helper()
	c, err := codec.New()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Encode(&b, v); err != nil {
		t.Fatal(err)
	}
	var got T
	if err := c.Decode(&b, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestValuesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	want := everything{
		basis:  basis{ID: math.MaxInt64, Note: new("note")},
		Floats: []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.SmallestNonzeroFloat64},
		Bytes:  []byte{0, 255}, Text: "not \xff UTF-8", Big: new(big.Int).Exp(big.NewInt(7), big.NewInt(99), nil),
		When: time.Date(2026, 3, 29, 2, 30, 0, 123456789, time.FixedZone("", 2*3600)),
		Addr: netip.MustParseAddr("10.0.0.1"), ByAddr: map[netip.Addr]int{netip.MustParseAddr("::1"): 6},
		Nested: map[string][]basis{"a": {{ID: -1}}}, Any: map[string]any{"n": int64(1), "s": []any{"x", true, nil}},
		Wait: time.Hour, Array: [3]uint8{1, 2, 3}, Empty: []int{},
	}
	got := carried(t, want)
	opts := cmp.Options{
		cmp.AllowUnexported(everything{}), cmpopts.EquateNaNs(), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 }),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
	if math.Signbit(got.Floats[3]) != true {
		t.Error("the sign of zero is lost")
	}
}

func TestLargeSlicesArrive(t *testing.T) {
	t.Parallel()
	want := make([]int, 1_000_000)
	if got := carried(t, want); len(got) != len(want) {
		t.Errorf("%d elements, want %d", len(got), len(want))
	}
}

func TestEqualValuesHaveEqualBytes(t *testing.T) {
	t.Parallel()
	c, err := codec.New()
	if err != nil {
		t.Fatal(err)
	}
	var first bytes.Buffer
	for i := range 20 {
		m := map[string]int{}
		for j := range 50 {
			m[strings.Repeat("k", (j+i)%50)] = (j + i) % 50
		}
		var b bytes.Buffer
		if err := c.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b
		} else if !bytes.Equal(first.Bytes(), b.Bytes()) {
			t.Fatal("equal maps have different bytes")
		}
	}
}

func TestDecodeRefusesWhatFollowsAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	c, err := codec.New()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := c.Decode(bytes.NewReader([]byte{1, 2}), &n); err == nil || !strings.Contains(err.Error(), "more bytes follow") {
		t.Errorf("error = %v, want one about what follows", err)
	}
	if err := c.Decode(bytes.NewReader(nil), &n); !errors.Is(err, io.EOF) {
		t.Errorf("error = %v, want EOF", err)
	}
}
