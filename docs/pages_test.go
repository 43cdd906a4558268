// Package docs_test holds the documentation to the code: what a page shows is in a file that is compiled and tested, what it
// calls exists, and what it links to is there.
package docs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the root of the repository. Pages and the files they name are given from there.
const root = ".."

// pages returns the pages that users read: the README, the guides and pages of docs, and the READMEs of the examples.
// Decisions are left out: they show what was when they were made.
func pages(t *testing.T) (found []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/guide/*.md", "examples/*.md", "examples/*/README.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			page, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, page)
		}
	}
	if !slices.Contains(found, "docs/guide/README.md") {
		t.Fatalf("no guides among the pages: %v", found)
	}
	return found
}

// read returns the text of a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is a fenced block of a page.
type block struct {
	page string
	line int
	// language and file are the two words behind the fence; the second may be missing. Browsers show neither.
	language, file string
	text           string
}

// blocks returns the fenced blocks of a page.
func blocks(t *testing.T, page string) (found []block) {
	t.Helper()
	const fence = "```"
	var open *block
	for i, line := range strings.Split(read(t, page), "\n") {
		info, isFence := strings.CutPrefix(line, fence)
		switch {
		case isFence && open == nil:
			language, file, _ := strings.Cut(info, " ")
			open = &block{page: page, line: i + 1, language: language, file: file}
		case isFence:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: the block has no end", page, open.line)
	}
	return found
}
