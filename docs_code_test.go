package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGoOfThePagesIsTested finds each block of Go of the pages in files that are compiled and tested, line for line, at
// whatever depth.
func TestGoOfThePagesIsTested(t *testing.T) {
	t.Parallel()
	fenced := regexp.MustCompile("(?s)\n```go\n(.*?\n)```\n")
	for page, patterns := range map[string][]string{
		"docs/testing.md":   {"k8sorchtest/*_test.go", "examples/quickstart/main_test.go"},
		"docs/embedding.md": {"examples/11-service/*.go"},
	} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks, source := fenced.FindAllStringSubmatch(string(text), -1), sources(t, patterns)
		if len(blocks) < 5 {
			t.Errorf("%s has %d blocks of Go, want 5 or more", page, len(blocks))
		}
		for _, block := range blocks {
			if !hasLines(source, block[1]) {
				t.Errorf("%s: this is in none of %q:\n%s", page, patterns, block[1])
			}
		}
	}
}

// sources returns the text of files.
func sources(t *testing.T, patterns []string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}

// hasLines tells whether a text has the lines of a block, all indented by as much.
func hasLines(text, block string) bool {
	for range 4 {
		if strings.Contains(text, "\n"+block) {
			return true
		}
		block = regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(block, "\t$1")
	}
	return false
}
