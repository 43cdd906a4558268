package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// elision is the line of a block that stands for what is left out of a file.
const elision = "// …"

// TestCodeIsInTheFileItNames finds each block that names a file in that file, line for line, but for its indentation. Go
// code names one, so that it is compiled; a program is shown from its package clause to its end, so that it can be
// copied.
func TestCodeIsInTheFileItNames(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			switch {
			case b.language == "go" && b.file != "" && !isCompiled(b.file):
				t.Errorf("%s:%d: %s is no Go file that is compiled", b.page, b.line, b.file)
			case b.file != "":
				checkExcerpt(t, b)
			case b.language == "go":
				t.Errorf("%s:%d: the Go code is compiled by nothing: name its file behind the word go", b.page, b.line)
			}
		}
	}
}

// isCompiled tells whether the go command compiles a file, for the program or for its tests.
func isCompiled(file string) bool {
	return strings.HasSuffix(file, ".go") && !strings.Contains(file, "testdata/")
}

func checkExcerpt(t *testing.T, b block) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, b.file))
	if err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
		return
	}
	if b.language == "go" && strings.HasPrefix(b.text, "package ") {
		if _, program, _ := strings.Cut("\n"+string(text), "\npackage "); "package "+program != b.text {
			t.Errorf("%s:%d: this is not all of %s:\n%s", b.page, b.line, b.file, b.text)
		}
		return
	}
	rest := unindented(string(text))
	for part := range strings.SplitSeq("\n"+unindented(b.text), "\n"+elision+"\n") {
		_, after, ok := strings.Cut(rest, "\n"+strings.Trim(part, "\n")+"\n")
		if !ok {
			t.Errorf("%s:%d: this is not in %s, or not in this order:\n%s", b.page, b.line, b.file, part)
			return
		}
		rest = "\n" + after
	}
}

// unindented returns the lines without what they are indented by.
func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, " \t")
	}
	return strings.Join(lines, "\n")
}
