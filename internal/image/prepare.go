package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Source says what an image is made of.
type Source struct {
	// Executable is the file of the running program. The default is the program itself; on Linux that is the very file it
	// was started from, even if it has been replaced since.
	Executable string
	// Dir is where its sources are looked for if it must be rebuilt: a directory in its main module. The default is the
	// working directory.
	Dir string
	// Platform is that of the cluster's nodes. Required.
	Platform Platform
}

// Binary is an executable that is ready to go into images. It may be pushed concurrently. Close it after the last push.
type Binary struct {
	executable
	digest v1.Hash
	// notRebuilt says why a dynamic executable could not be replaced by a static one.
	notRebuilt error
	// dir holds a rebuilt executable and the compressed layer.
	dir   string
	layer func() (v1.Layer, error)
}

// Prepare finds or builds the executable for the platform; the order is in the package comment. A rebuild takes as long as
// go build does, a second or two with a warm cache. The error repeats what the go command said.
func Prepare(ctx context.Context, src Source, report Report) (_ *Binary, err error) {
	dir, err := os.MkdirTemp("", "k8sorch-image-")
	if err != nil {
		return nil, fmt.Errorf("preparing the executable: %w", err)
	}
	b := &Binary{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if err := b.choose(ctx, src, report); err != nil {
		return nil, fmt.Errorf("preparing the executable for %s: %w", src.Platform, err)
	}
	if b.digest, err = fileDigest(b.path); err != nil {
		return nil, fmt.Errorf("preparing the executable: %w", err)
	}
	b.layer = sync.OnceValues(func() (v1.Layer, error) { return writeLayer(b.path, b.dir) })
	return b, nil
}

// Close removes what Prepare and Push have put aside.
func (b *Binary) Close() error {
	if err := os.RemoveAll(b.dir); err != nil {
		return fmt.Errorf("removing a prepared executable: %w", err)
	}
	return nil
}

func (b *Binary) choose(ctx context.Context, src Source, report Report) error {
	path, err := src.executable()
	if err != nil {
		return err
	}
	running, err := inspect(path)
	if err != nil {
		return err
	}
	fits := running.platform == src.Platform
	if fits && running.static {
		b.executable = running
		return nil
	}
	report.send(Progress{Phase: Building})
	built, err := rebuild{running: running, platform: src.Platform, dir: src.Dir}.into(ctx, b.dir)
	switch {
	case err == nil:
		b.executable = built
		return nil
	case fits && ctx.Err() == nil:
		b.executable, b.notRebuilt = running, err
		return nil
	}
	return fmt.Errorf("the running executable is for %s and could not be rebuilt; "+
		"build it with CGO_ENABLED=0 for %s, or set Image: %w",
		running.platform, src.Platform, err)
}

// checkBase refuses what could not even start: a dynamic executable without a base.
func (b *Binary) checkBase(base string) error {
	if b.static || base != "" {
		return nil
	}
	return fmt.Errorf("the executable needs %s and could not be rebuilt without; "+
		"set BaseImage to an image that has what it needs, build with CGO_ENABLED=0, or set Image: %w", b.needs(), b.notRebuilt)
}

func (s Source) executable() (string, error) {
	if s.Executable != "" {
		return s.Executable, nil
	}
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

func fileDigest(path string) (v1.Hash, error) {
	file, err := os.Open(path)
	if err != nil {
		return v1.Hash{}, err
	}
	defer file.Close()
	digest, _, err := v1.SHA256(file)
	return digest, err
}
