package artifacttest

import (
	"fmt"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
)

const (
	sharedSize = 5 << 20
	crashSize  = 20 << 20
	streamSize = 200 << 20
	// heapLimit is well over what the hungriest client takes (S3's, with some buffers of 8 MiB and as much garbage) and far
	// under streamSize.
	heapLimit = 128 << 20
)

// RunProcesses checks what takes more than one process. It runs the calling test again in child processes, so it must be
// all that this test does. newURL returns the URL of an empty store; it is not called in the children.
func RunProcesses(t *testing.T, open Opener, newURL func(*testing.T) string) {
	t.Helper()
	if PlayChild(t, open) {
		return
	}
	tests := map[string]func(*testing.T, Opener, string){
		"many processes write one artifact":       concurrentProcesses,
		"a writer killed half-way stores nothing": killedWriter,
		"a large artifact does not fill the heap": constantMemory,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open, newURL(t)) })
	}
}

func reopen(t *testing.T, open Opener, url string) artifact.Store {
	t.Helper()
	s, err := open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func concurrentProcesses(t *testing.T, open Opener, url string) {
	children := make([]*child, 4)
	for i := range children {
		children[i] = start(t, "writer", url)
	}
	for _, c := range children {
		c.stdin.Close()
	}
	for _, c := range children {
		c.wait(t)
	}
	want, _ := content(t, sharedSize)
	expect(t, reopen(t, open, url), want)
}

func killedWriter(t *testing.T, open Opener, url string) {
	c := start(t, "hanging writer", url)
	c.report(t)
	c.kill()
	want, digest := content(t, crashSize)
	s := reopen(t, open, url)
	expectMissing(t, s, digest)
	if err := put(t.Context(), s, want); err != nil {
		t.Fatal(err)
	}
	expect(t, s, want)
}

func constantMemory(t *testing.T, _ Opener, url string) {
	if peak := PeakHeap(t, url); peak > heapLimit {
		t.Errorf("writing and reading %d MiB took a heap of %d MiB, want at most %d", streamSize>>20, peak>>20, heapLimit>>20)
	}
}

// PeakHeap returns how many bytes the heap of a process had at most that wrote and read an artifact of 200 MiB in
// the store at url. That process runs the calling test again, which must come to [PlayChild].
func PeakHeap(t *testing.T, url string) int64 {
	t.Helper()
	if testing.Short() {
		t.Skip("moves 200 MiB")
	}
	c := start(t, "streamer", url)
	var peak int64
	if _, err := fmt.Sscanf(c.report(t), "heap %d", &peak); err != nil {
		t.Fatal(err)
	}
	c.wait(t)
	return peak
}
