package artifact_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

// hoard is a store that holds an artifact in memory.
type hoard struct{ artifact.Store }

func (s hoard) Put(ctx context.Context, digest artifact.Digest, size int64, content io.Reader) error {
	whole := make([]byte, size)
	if _, err := io.ReadFull(content, whole); err != nil {
		return err
	}
	return s.Store.Put(ctx, digest, size, bytes.NewReader(whole))
}

// The measure that the stores are held to sees what it is for.
func TestPeakHeapSeesArtifactInMemory(t *testing.T) {
	t.Parallel()
	open := func(context.Context, string) (artifact.Store, error) { return hoard{artifact.NewDir(t.TempDir())}, nil }
	if artifacttest.PlayChild(t, open) {
		return
	}
	if peak := artifacttest.PeakHeap(t, ""); peak < 200<<20 {
		t.Errorf("a process that held 200 MiB had a heap of %d MiB", peak>>20)
	}
}
