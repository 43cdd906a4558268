package image

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const certificatesFile = "etc/ssl/certs/ca-certificates.crt"

// read returns a file of the image; nil when it is not there.
func read(t *testing.T, img v1.Image, name string) []byte {
	t.Helper()
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		if content := readLayer(t, l, name); content != nil {
			return content
		}
	}
	return nil
}

func readLayer(t *testing.T, l v1.Layer, name string) []byte {
	t.Helper()
	content, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	for archive := tar.NewReader(content); ; {
		e, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Name == name {
			all, err := io.ReadAll(archive)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
	}
}

func TestImageWithoutBaseHasTheCertificates(t *testing.T) {
	t.Parallel()
	h := newHub()
	img := h.image(t, push(t, h.pusher(), prepared(t, ""), onBase("")))
	rest, pool, taken := read(t, img, certificatesFile), x509.NewCertPool(), 0
	for len(rest) > 0 {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			t.Fatalf("not PEM: %q", rest)
		}
		if !pool.AppendCertsFromPEM(pem.EncodeToMemory(block)) {
			t.Errorf("certificate %d is not taken", taken)
		}
		taken++
	}
	want := 0
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			want++
		}
	}
	if taken != want || want == 0 {
		t.Errorf("%d certificates, want the %d that are trusted for all that they sign", taken, want)
	}
}

func TestBaseBringsItsOwnCertificates(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.addBase(t, baseImage(t, amd64()))
	img := h.image(t, push(t, h.pusher(), prepared(t, ""), onBase(baseName)))
	if content := read(t, img, certificatesFile); content != nil {
		t.Errorf("%s was put on a base", certificatesFile)
	}
}

func TestLayerOfCertificatesIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	var again bytes.Buffer
	if err := writeCertificates(&again); err != nil {
		t.Fatal(err)
	}
	want, _, err := v1.SHA256(&again)
	if err != nil {
		t.Fatal(err)
	}
	h := newHub()
	img := h.image(t, push(t, h.pusher(), prepared(t, ""), onBase("")))
	if got := config(t, img).RootFS.DiffIDs[0]; got != want {
		t.Errorf("written again, the layer is %s, and %s in the image", want, got)
	}
}
