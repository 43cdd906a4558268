package image

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// certificates is the layer that an image without a base stands on. It is the same for all programs, so that registries and
// nodes keep it once, and is compressed once.
var certificates = sync.OnceValues(func() (v1.Layer, error) {
	var content bytes.Buffer
	if err := writeCertificates(&content); err != nil {
		return nil, fmt.Errorf("writing the layer of certificates: %w", err)
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil }
	l, err := tarball.LayerFromOpener(opener, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
	if err != nil {
		return nil, fmt.Errorf("compressing the layer of certificates: %w", err)
	}
	return l, nil
})

// writeCertificates writes the layer's entries. The directories are among them because some runtimes make those that are
// missing for root alone.
func writeCertificates(w io.Writer) error {
	roots := encodeRoots()
	out := tar.NewWriter(w)
	for _, dir := range []string{"etc/", "etc/ssl/", "etc/ssl/certs/"} {
		if err := out.WriteHeader(header(tar.TypeDir, dir, 0o755, 0)); err != nil {
			return err
		}
	}
	if err := out.WriteHeader(header(tar.TypeReg, "etc/ssl/certs/ca-certificates.crt", 0o644, int64(len(roots)))); err != nil {
		return err
	}
	if _, err := out.Write(roots); err != nil {
		return err
	}
	return out.Close()
}

// encodeRoots returns the roots in PEM. A root that is trusted only for some of its certificates is left out: PEM cannot say
// which, and the file would trust it for all.
func encodeRoots() []byte {
	var encoded bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			encoded.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return encoded.Bytes()
}
