package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestNamesOnTheClusterExist finds the library's labels, annotations and keys of log lines that pages name where they are
// declared.
func TestNamesOnTheClusterExist(t *testing.T) {
	t.Parallel()
	declared, found := read(t, "internal/kube/names.go")+read(t, "internal/progress/line.go"), 0
	name := regexp.MustCompile(`k8sorch\.io/[a-z-]+`)
	for _, page := range pages(t) {
		for _, label := range name.FindAllString(read(t, page), -1) {
			if found++; !strings.Contains(declared, `"`+label+`"`) {
				t.Errorf("%s: there is no label or annotation %s", page, label)
			}
		}
	}
	if found < 5 {
		t.Errorf("%d names were found, want 5 or more", found)
	}
}
