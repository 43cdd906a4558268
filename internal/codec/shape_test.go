package codec_test

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/fxamacker/cbor/v2"

	"github.com/org/k8sorch/internal/codec"
)

type (
	forest  struct{ Trees []Tree }
	nested  struct{ Forest map[string]forest }
	loop    []loop
	branch  struct{ Twigs []twig }
	twig    struct{ branch }
	renamed struct {
		B int    `json:"b"`
		A string `json:"a,omitempty"`
		C bool   `cbor:"c" json:"ignored"`
		D bool   `cbor:"" json:"d"`
		E bool   `json:"-,"`
		F bool   `json:"-"`
		g bool
	}
	positional struct {
		_ struct{} `cbor:",toarray"`
		B int
		A string
	}
	numbered struct {
		A int `cbor:"1,keyasint"`
		B int `cbor:"-02,keyasint"`
		C int `cbor:"1"`
	}
	shadowing struct {
		Base
		ID int `cbor:"id"`
	}
	taggedFirst struct {
		Plain
		Tagged
	}
	Plain  struct{ Name int }
	Tagged struct {
		N string `json:"Name"`
	}
	deepTwins struct {
		leftTwin
		rightTwin
		ID  int `cbor:"id"`
		Tag int
	}
	leftTwin  struct{ Common }
	rightTwin struct{ Common }
	Common    struct {
		ID  string `cbor:"id"`
		Tag []byte
	}
	word  string
	flags struct{ word }
)

// byPointer encodes itself with methods of its pointer.
type byPointer struct{ secret int }

func (b *byPointer) MarshalBinary() ([]byte, error)    { return []byte{byte(b.secret)}, nil }
func (b *byPointer) UnmarshalBinary(data []byte) error { b.secret = int(data[0]); return nil }

func TestShapes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want string }{
		{shapeOf[bool](t), "bool"},
		{shapeOf[int](t), "int"},
		{shapeOf[time.Duration](t), "int64"},
		{shapeOf[Color](t), "uint8"},
		{shapeOf[float32](t), "float32"},
		{shapeOf[word](t), "string"},
		{shapeOf[any](t), "any"},
		{shapeOf[[]byte](t), "[]uint8"},
		{shapeOf[[4]int](t), "[4]int"},
		{shapeOf[map[string][]*int](t), "map[string][]*int"},
		{shapeOf[struct{}](t), "{}"},
		{shapeOf[time.Time](t), "time"},
		{shapeOf[*big.Int](t), "*bigint"},
		{shapeOf[big.Rat](t), "text(math/big.Rat)"},
		{shapeOf[url.URL](t), "binary(net/url.URL)"},
		{shapeOf[map[netip.Addr]int](t), "map[binary(net/netip.Addr)]int"},
		{shapeOf[cbor.RawMessage](t), "cbor(github.com/fxamacker/cbor/v2.RawMessage)"},
		{shapeOf[*byPointer](t), "*binary(github.com/org/k8sorch/internal/codec_test.byPointer)"},
		{shapeOf[renamed](t), "{- bool; a string; b int; c bool; d bool}"},
		{shapeOf[positional](t), "(B int; A string)"},
		{shapeOf[numbered](t), "{#-2 int; #1 int; 1 int}"},
		{shapeOf[shadowing](t), "{Tag []uint8; id int}"},
		{shapeOf[taggedFirst](t), "{Name string}"},
		{shapeOf[deepTwins](t), "{Tag int; id int}"},
		{shapeOf[withPointer](t), "{Tag []uint8; id string}"},
		{shapeOf[loop](t), "[]^0"},
		{shapeOf[Tree](t), "{Left *^0; Right *^0; value int}"},
		{shapeOf[forest](t), "{Trees []{Left *^2; Right *^2; value int}}"},
		{shapeOf[nested](t), "{Forest map[string]{Trees []{Left *^4; Right *^4; value int}}}"},
		{shapeOf[branch](t), "{Twigs []{Twigs ^1}}"},
	} {
		if tt.got != tt.want {
			t.Errorf("shape = %s, want %s", tt.got, tt.want)
		}
	}
}

// A type that encodes itself in one way only.
type (
	onlyBinary struct{ N int }
	onlyText   struct{ N int }
	onlyCBOR   struct{ N int }
	onlyJSON   struct{ n int }
	openJSON   struct{ N int }
)

func (onlyBinary) MarshalBinary() ([]byte, error) { return nil, nil }
func (onlyText) MarshalText() ([]byte, error)     { return nil, nil }
func (*onlyCBOR) MarshalCBOR() ([]byte, error)    { return []byte{0}, nil }
func (onlyJSON) MarshalJSON() ([]byte, error)     { return []byte("1"), nil }
func (openJSON) MarshalJSON() ([]byte, error)     { return []byte("1"), nil }

type (
	hidden      struct{ a, b int }
	selfless    struct{ *selfless }
	lender      struct{ Name string }
	viaPointer  struct{ *lender }
	withPointer struct{ *Base }
	homonyms    struct {
		A int `cbor:"x"`
		B int `cbor:"x"`
	}
	twins struct {
		leftTwin
		rightTwin
	}
	unnumbered struct {
		A int `cbor:"one,keyasint"`
	}
)

// What the errors have in common.
const (
	nothing    = " would encode to nothing: it has no exported field; export some, or give it MarshalBinary and UnmarshalBinary"
	unexported = " is not exported, so it could not be decoded; embed the struct itself"
	unclear    = ", so neither would be encoded; rename one"
	oneWay     = ", so it could not be decoded"
)

func TestShapeRefusesWhatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[chan int](), "chan int is a chan, which cannot be encoded"},
		{reflect.TypeFor[func()](), "func() is a func, which cannot be encoded"},
		{reflect.TypeFor[complex64](), "complex64 is a complex64, which cannot be encoded"},
		{reflect.TypeFor[complex128](), "complex128 is a complex128, which cannot be encoded"},
		{reflect.TypeFor[uintptr](), "uintptr is a uintptr, which cannot be encoded"},
		{reflect.TypeFor[unsafe.Pointer](), "unsafe.Pointer is a unsafe.Pointer, which cannot be encoded"},
		{reflect.TypeFor[error](), "error is the interface error: the type behind it would be lost; use a concrete type"},
		{reflect.TypeFor[[]struct{ Do *func() }](), "[]struct { Do *func() }[].Do is a func, which cannot be encoded"},
		{reflect.TypeFor[map[string]chan int](), "map[string]chan int[] is a chan, which cannot be encoded"},
		{reflect.TypeFor[map[[1]error]int](), "map[[1]error]int key[] is the interface error: the type behind it would be lost; use a concrete type"},
		{reflect.TypeFor[struct{ lender }](), ""},
		{reflect.TypeFor[struct{ Base chan int }](), "struct { Base chan int }.Base is a chan, which cannot be encoded"},
		{reflect.TypeFor[hidden](), "codec_test.hidden" + nothing},
		{reflect.TypeFor[*hidden](), "*codec_test.hidden" + nothing},
		{reflect.TypeFor[flags](), "codec_test.flags" + nothing},
		{reflect.TypeFor[selfless](), "codec_test.selfless: the embedded pointer selfless" + unexported},
		{reflect.TypeFor[viaPointer](), "codec_test.viaPointer: the embedded pointer lender" + unexported},
		{reflect.TypeFor[homonyms](), `codec_test.homonyms: the fields A and B are both called "x"` + unclear},
		{reflect.TypeFor[twins](), `codec_test.twins: the fields leftTwin.Common.ID and rightTwin.Common.ID are both called "id"` + unclear},
		{reflect.TypeFor[unnumbered](), `codec_test.unnumbered: the field A is to be encoded by its number, and "one" is none`},
		{reflect.TypeFor[onlyBinary](), "codec_test.onlyBinary has a BinaryMarshaler without a BinaryUnmarshaler" + oneWay},
		{reflect.TypeFor[[]onlyText](), "[]codec_test.onlyText[] has a TextMarshaler without a TextUnmarshaler" + oneWay},
		{reflect.TypeFor[*onlyCBOR](), "*codec_test.onlyCBOR has a Marshaler without a Unmarshaler" + oneWay},
		{
			reflect.TypeFor[onlyJSON](),
			"codec_test.onlyJSON has MarshalJSON, which is not used, and its field n would be lost; give it MarshalText and UnmarshalText",
		},
		{reflect.TypeFor[openJSON](), ""},
		{reflect.TypeFor[json.RawMessage](), ""},
	} {
		shape, err := codec.Shape(tt.typ)
		if got := message(err); got != tt.want || err != nil && shape != "" {
			t.Errorf("%s: shape %q, error %s, want %s", tt.typ, shape, got, tt.want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
