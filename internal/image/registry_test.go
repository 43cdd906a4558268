package image

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// hub is every registry of the world in one: a transport that reaches an in-memory registry whatever the host.
type hub struct {
	http.Handler
	// refuse, if set, may answer in the registry's place with a status other than 0. It is called by one goroutine at a time.
	refuse func(*http.Request) int

	mu       sync.Mutex
	requests []string
}

func newHub() *hub {
	return &hub{Handler: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
}

func (h *hub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	defer req.Body.Close()
	h.record(req)
	answer := httptest.NewRecorder()
	if code := h.refusal(req); code != 0 {
		answer.WriteHeader(code)
	} else {
		h.ServeHTTP(answer, req)
	}
	resp := answer.Result()
	resp.Request = req
	return resp, nil
}

func (h *hub) record(req *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if req.URL.Path != "/v2/" { // the library's greeting, which finds out how to authenticate
		h.requests = append(h.requests, req.Method)
	}
}

func (h *hub) refusal(req *http.Request) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse == nil {
		return 0
	}
	return h.refuse(req)
}

// seen returns the methods of the requests since it was last called.
func (h *hub) seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer func() { h.requests = nil }()
	return h.requests
}

func (h *hub) pusher() *Pusher {
	return &Pusher{Transport: h, Keychain: authn.NewMultiKeychain()}
}

func (h *hub) image(t *testing.T, reference string) v1.Image {
	t.Helper()
	img, err := remote.Image(parse(t, reference), remote.WithTransport(h))
	if err != nil {
		t.Fatalf("pulling %s: %v", reference, err)
	}
	return img
}

func parse(t *testing.T, s string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func amd64() Platform { return Platform{OS: "linux", Arch: "amd64"} }

func arm64() Platform { return Platform{OS: "linux", Arch: "arm64"} }

// elfFile writes the smallest file that is a static executable for linux/amd64, followed by the payload.
func elfFile(t testing.TB, payload string) string {
	t.Helper()
	var file bytes.Buffer
	head := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64,
	}
	copy(head.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}))
	if err := binary.Write(&file, binary.LittleEndian, head); err != nil {
		t.Fatal(err)
	}
	file.WriteString(payload)
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, file.Bytes(), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// prepared returns a binary for linux/amd64 that needs no build.
func prepared(t *testing.T, payload string) *Binary {
	t.Helper()
	return prepare(t, Source{Executable: elfFile(t, payload), Platform: amd64()})
}

func prepare(t *testing.T, src Source) *Binary {
	t.Helper()
	b, err := Prepare(t.Context(), src, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func push(t *testing.T, p *Pusher, b *Binary, target Target) string {
	t.Helper()
	image, err := p.Push(t.Context(), b, target)
	if err != nil {
		t.Fatal(err)
	}
	return image
}
