package registry

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// PushPause pushes the sandbox image: the executable of cmd/pause and nothing else.
func PushPause(reference, executable string) error {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return err
	}
	image, err := pauseImage(executable)
	if err != nil {
		return fmt.Errorf("making the sandbox image: %w", err)
	}
	if err := remote.Write(ref, image); err != nil {
		return fmt.Errorf("pushing %s: %w", reference, err)
	}
	return nil
}

func pauseImage(executable string) (v1.Image, error) {
	layer, err := executableLayer(executable)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config = v1.Config{Entrypoint: []string{"/pause"}, User: "65535:65535"}
	return mutate.ConfigFile(image, config)
}

func executableLayer(executable string) (v1.Layer, error) {
	content, err := os.ReadFile(executable)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "pause", Mode: 0o755, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	})
}
