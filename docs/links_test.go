package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds where a link leads.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// fenced finds the blocks of a page, in which nothing is a link.
var fenced = regexp.MustCompile("(?ms)^```.*?^```$")

// TestLinksLeadSomewhere follows the links to other files of the repository, and to headings of pages.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, page), ""), -1) {
			file, heading, _ := strings.Cut(match[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: a link leads nowhere: %v", page, err)
			} else if heading != "" && !hasHeading(read(t, target), heading) {
				t.Errorf("%s: %s has no heading #%s", page, target, heading)
			}
		}
	}
}

// notInAnchor is what GitHub leaves out of the anchor of a heading.
var notInAnchor = regexp.MustCompile("[^a-z0-9 _-]")

func hasHeading(page, anchor string) bool {
	for line := range strings.Lines(page) {
		title := strings.TrimSpace(strings.TrimLeft(line, "#"))
		title = strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
		if strings.HasPrefix(line, "#") && title == anchor {
			return true
		}
	}
	return false
}
