package image

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layer is a compressed layer in a file, with what go-containerregistry wants to know of it. It is compressed once, where
// the library's own layers are kept in memory or compressed again for every reading.
type layer struct {
	path           string
	digest, diffID v1.Hash
	size           int64
}

func (l *layer) Digest() (v1.Hash, error)            { return l.digest, nil }
func (l *layer) DiffID() (v1.Hash, error)            { return l.diffID, nil }
func (l *layer) Size() (int64, error)                { return l.size, nil }
func (l *layer) MediaType() (types.MediaType, error) { return types.OCILayer, nil }
func (l *layer) Compressed() (io.ReadCloser, error)  { return os.Open(l.path) }

// writeLayer compresses the executable into a layer file in the directory. Its memory does not grow with the executable.
func writeLayer(executable, dir string) (v1.Layer, error) {
	l := &layer{path: filepath.Join(dir, "layer.tar.gz")}
	file, err := os.Create(l.path)
	if err != nil {
		return nil, fmt.Errorf("writing the image's layer: %w", err)
	}
	defer file.Close()
	if err := l.fill(file, executable); err != nil {
		return nil, fmt.Errorf("writing the image's layer: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("writing the image's layer: %w", err)
	}
	return partial.CompressedToLayer(l)
}

func (l *layer) fill(file *os.File, executable string) error {
	plain, compressed := sha256.New(), sha256.New()
	packer, err := gzip.NewWriterLevel(io.MultiWriter(file, compressed), gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := writeTar(io.MultiWriter(packer, plain), executable); err != nil {
		return err
	}
	if err := packer.Close(); err != nil {
		return err
	}
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	l.diffID, l.digest, l.size = sum(plain), sum(compressed), stat.Size()
	return nil
}

// writeTar writes the layer's two entries, the executable and an empty /tmp. Nothing of the file but its content goes in: no
// time, owner or name.
func writeTar(w io.Writer, executable string) error {
	file, err := os.Open(executable)
	if err != nil {
		return err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	if err := out.WriteHeader(header(tar.TypeReg, strings.TrimPrefix(Path, "/"), 0o755, stat.Size())); err != nil {
		return err
	}
	if _, err := io.Copy(out, file); err != nil {
		return err
	}
	if err := out.WriteHeader(header(tar.TypeDir, "tmp/", 0o1777, 0)); err != nil {
		return err
	}
	return out.Close()
}

func header(kind byte, name string, mode fs.FileMode, size int64) *tar.Header {
	return &tar.Header{Typeflag: kind, Name: name, Mode: int64(mode), Size: size, ModTime: epoch(), Format: tar.FormatUSTAR}
}

// epoch is the only time in an image.
func epoch() time.Time { return time.Unix(0, 0).UTC() }

func sum(h hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}
}
