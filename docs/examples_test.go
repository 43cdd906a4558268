package docs_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExamplesAreListedInOrder compares the table of the learning path with the directories. Each has a README and tests.
func TestExamplesAreListedInOrder(t *testing.T) {
	t.Parallel()
	directories, err := filepath.Glob(filepath.Join(root, "examples", "[0-9][0-9]-*"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, directory := range directories {
		want = append(want, filepath.Base(directory))
		for _, file := range []string{"README.md", "main.go", "*_test.go"} {
			if found, err := filepath.Glob(filepath.Join(directory, file)); err != nil || len(found) == 0 {
				t.Errorf("%s has no %s", directory, file)
			}
		}
	}
	row := regexp.MustCompile(`(?m)^\| \[(\d\d-[a-z-]+)\]\(([^)]+)\) \|`)
	for _, match := range row.FindAllStringSubmatch(read(t, "examples/README.md"), -1) {
		if got = append(got, match[1]); match[1] != match[2] {
			t.Errorf("the link of %s leads to %s", match[1], match[2])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("examples (-directories +README):\n%s", diff)
	}
}
