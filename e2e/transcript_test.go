package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// transcript is what a process has written so far. It can be read while the process writes.
type transcript struct {
	mu    sync.Mutex
	text  strings.Builder
	grown chan struct{}
}

func newTranscript() *transcript { return &transcript{grown: make(chan struct{})} }

// Write implements io.Writer.
func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	close(tr.grown)
	tr.grown = make(chan struct{})
	return tr.text.Write(p)
}

// String returns all that was written so far.
func (tr *transcript) String() string {
	text, _ := tr.read()
	return text
}

func (tr *transcript) read() (text string, grown <-chan struct{}) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String(), tr.grown
}

// waitFor waits until the text contains all the words, in whatever order.
func (tr *transcript) waitFor(t *testing.T, words ...string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		text, grown := tr.read()
		if missing := lacking(text, words); len(missing) == 0 {
			return
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("waiting for %q in:\n%s", words, text)
		}
	}
}

// lacking returns those of the words that are not in the text.
func lacking(text string, words []string) []string {
	var missing []string
	for _, word := range words {
		if !strings.Contains(text, word) {
			missing = append(missing, word)
		}
	}
	return missing
}

// wantText fails the test where the text lacks one of the words.
func wantText(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range lacking(text, words) {
		t.Errorf("there is no %q in:\n%s", word, text)
	}
}
