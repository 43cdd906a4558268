package image

import (
	"fmt"
	"os"
	"testing"
)

// BenchmarkPush measures what an edit costs beyond the compilation: an executable of the size and the kind of content that
// this test's own has becomes a layer, and goes to a registry in memory. Unchanged is the same once more.
func BenchmarkPush(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		b.Fatal(err)
	}
	pusher := newHub().pusher()
	edits := 0
	for _, changed := range []bool{true, false} {
		b.Run(map[bool]string{true: "changed", false: "unchanged"}[changed], func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				if changed {
					edits++
				}
				b.StopTimer()
				executable := elfFile(b, fmt.Sprint(string(content), edits))
				b.StartTimer()
				binary, err := Prepare(b.Context(), Source{Executable: executable, Platform: amd64()}, nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := pusher.Push(b.Context(), binary, onBase("")); err != nil {
					b.Fatal(err)
				}
				if err := binary.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
