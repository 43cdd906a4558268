package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func TestPushOverTheNetwork(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newHub())
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")

	p := newHub().pusher()
	p.Transport = server.Client().Transport
	got := push(t, p, prepared(t, ""), Target{Registry: host, Name: "train"})
	if want := host + "/train@sha256:"; !strings.HasPrefix(got, want) {
		t.Errorf("reference = %s, want prefix %s", got, want)
	}
}

func TestImageHoldsTheExecutableAndCertificatesAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHub()
	img := h.image(t, push(t, h.pusher(), prepared(t, "payload"), onBase("")))

	want := [][]string{{
		"etc/ drwxr-xr-x 0:0 1970-01-01T00:00:00Z 0",
		"etc/ssl/ drwxr-xr-x 0:0 1970-01-01T00:00:00Z 0",
		"etc/ssl/certs/ drwxr-xr-x 0:0 1970-01-01T00:00:00Z 0",
		fmt.Sprintf("etc/ssl/certs/ca-certificates.crt -rw-r--r-- 0:0 1970-01-01T00:00:00Z %d", len(encodeRoots())),
	}, {
		"k8sorch -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 71",
		"tmp/ dtrwxrwxrwx 0:0 1970-01-01T00:00:00Z 0",
	}}
	if diff := cmp.Diff(want, listing(t, img)); diff != "" {
		t.Errorf("layers (-want +got):\n%s", diff)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	wantConfig := v1.Config{
		Entrypoint: []string{"/k8sorch"},
		User:       "65532:65532",
		WorkingDir: "/tmp",
		Env:        []string{"HOME=/tmp"},
		Labels:     map[string]string{"org.opencontainers.image.title": "train"},
	}
	if diff := cmp.Diff(wantConfig, config.Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if got := config.Platform().String(); got != "linux/amd64" {
		t.Errorf("platform = %s, want linux/amd64", got)
	}
	if mediaTypes(t, img) != [3]types.MediaType{types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer} {
		t.Errorf("media types = %v, want OCI's", mediaTypes(t, img))
	}
}

func listing(t *testing.T, img v1.Image) [][]string {
	t.Helper()
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, l := range layers {
		all = append(all, entries(t, l))
	}
	return all
}

func entries(t *testing.T, l v1.Layer) []string {
	t.Helper()
	content, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	var names []string
	for archive := tar.NewReader(content); ; {
		e, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%s %s %d:%d %s %d",
			e.Name, e.FileInfo().Mode(), e.Uid, e.Gid, e.ModTime.UTC().Format(time.RFC3339), e.Size))
	}
}

// mediaTypes returns those of the manifest, the configuration and the last layer.
func mediaTypes(t *testing.T, img v1.Image) [3]types.MediaType {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return [3]types.MediaType{m.MediaType, m.Config.MediaType, m.Layers[len(m.Layers)-1].MediaType}
}

func TestSameExecutableIsSameDigest(t *testing.T) {
	t.Parallel()
	first := push(t, newHub().pusher(), prepared(t, "payload"), onBase(""))
	second := push(t, newHub().pusher(), prepared(t, "payload"), onBase(""))
	if first != second {
		t.Errorf("pushed twice: %s and %s", first, second)
	}
	if other := push(t, newHub().pusher(), prepared(t, "another"), onBase("")); other == first {
		t.Errorf("another executable is %s too", other)
	}
}

func TestUnchangedCostsOneHead(t *testing.T) {
	t.Parallel()
	h := newHub()
	pinned := h.addBase(t, baseImage(t, amd64()))
	for base, want := range map[string][]string{
		"":       {"HEAD"},
		pinned:   {"HEAD"},
		baseName: {"HEAD", "HEAD"},
	} {
		first := push(t, h.pusher(), prepared(t, "payload"), onBase(base))
		h.seen()
		second := push(t, h.pusher(), prepared(t, "payload"), onBase(base))
		if diff := cmp.Diff(want, h.seen()); diff != "" {
			t.Errorf("base %q: requests (-want +got):\n%s", base, diff)
		}
		if first != second {
			t.Errorf("base %q: %s, then %s", base, first, second)
		}
	}
}

// A change of what images look like must change their tags, or old images would be taken for new ones. When this test
// fails, change format along with it.
func TestFormatNamesTheLook(t *testing.T) {
	t.Parallel()
	h := newHub()
	b := prepared(t, "payload")
	img := h.image(t, push(t, h.pusher(), b, onBase("")))
	c := config(t, img)
	c.RootFS.DiffIDs[0] = v1.Hash{} // other certificates come with another executable, which changes the tag
	described, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	look, _, err := v1.SHA256(bytes.NewReader(described))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2",
		"sha256:71c2909b1e48a6a06d3a4bc476e7ff848b4d2d9fb1d9e99fa4104103bc10562c",
		"6fc4704aeabab0b586b732c501e67c3a",
	}
	if diff := cmp.Diff(want, []string{format, look.String(), b.Identity().tag(base{})}); diff != "" {
		t.Errorf("format, configuration and tag (-want +got):\n%s", diff)
	}
}

func TestChangedExecutableIsPushedAnew(t *testing.T) {
	t.Parallel()
	h := newHub()
	push(t, h.pusher(), prepared(t, "one"), onBase(""))
	img := h.image(t, push(t, h.pusher(), prepared(t, "three"), onBase("")))
	if got := last(listing(t, img))[0]; !strings.HasSuffix(got, " 69") {
		t.Errorf("executable = %s, want the one of 69 bytes", got)
	}
}

func TestDigestMissingFromHead(t *testing.T) {
	t.Parallel()
	h := newHub()
	want := push(t, h.pusher(), prepared(t, ""), onBase(""))

	silent := h.pusher()
	silent.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := h.RoundTrip(req)
		resp.Header.Del("Docker-Content-Digest")
		return resp, err
	})
	h.seen()
	if got := push(t, silent, prepared(t, ""), onBase("")); got != want {
		t.Errorf("reference = %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"HEAD", "GET"}, h.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestReport(t *testing.T) {
	t.Parallel()
	h := newHub()
	var phases []Phase
	var last Progress
	p := h.pusher()
	p.Report = func(now Progress) {
		if now.Phase == Pushing {
			last = now
		}
		if len(phases) == 0 || phases[len(phases)-1] != now.Phase {
			phases = append(phases, now.Phase)
		}
	}
	image := push(t, p, prepared(t, "payload"), onBase(""))
	push(t, p, prepared(t, "payload"), onBase(""))

	if diff := cmp.Diff([]Phase{Checking, Pushing, Done, Checking, Done}, phases); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
	manifest, err := h.image(t, image).Manifest()
	if err != nil {
		t.Fatal(err)
	}
	least := manifest.Config.Size + manifest.Layers[0].Size + manifest.Layers[1].Size
	if last.Complete != last.Total || last.Total <= least {
		t.Errorf("uploaded %d of %d bytes, want all, and more than the %d of layers and configuration", last.Complete, last.Total, least)
	}
}

func TestImageIsFoundWithoutItsExecutable(t *testing.T) {
	t.Parallel()
	h := newHub()
	b := prepared(t, "payload")
	if found, err := h.pusher().Find(t.Context(), b.Identity(), onBase("")); err != nil || found != "" {
		t.Errorf("before it was pushed, image %q is found (%v)", found, err)
	}
	pushed := push(t, h.pusher(), b, onBase(""))
	program := b.Identity()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if found, err := h.pusher().Find(t.Context(), program, onBase("")); err != nil || found != pushed {
		t.Errorf("image %q is found (%v), want %q", found, err, pushed)
	}
	if found, err := h.pusher().Find(t.Context(), prepared(t, "another").Identity(), onBase("")); err != nil || found != "" {
		t.Errorf("of another executable, image %q is found (%v)", found, err)
	}
}
