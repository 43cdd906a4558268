package pipeline

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/record"
)

const failuresPage = "docs/failures.md"

// quoted finds what stands `like this`.
var quoted = regexp.MustCompile("`([^`]+)`")

// failureRow is one row of the page about failures.
type failureRow struct{ seen, outcome, spends, read, shownBy string }

// failureRows returns the rows of all the page's tables of what is seen.
func failureRows(t *testing.T) (rows []failureRow) {
	t.Helper()
	page, err := os.ReadFile(failuresPage)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		if len(cells) == 5 && cells[0] != "seen" {
			rows = append(rows, failureRow{cells[0], cells[1], cells[2], cells[3], cells[4]})
		}
	}
	if len(rows) < 30 {
		t.Fatalf("%s has %d rows, want 30 or more", failuresPage, len(rows))
	}
	return rows
}

// TestFailuresOfThePageAreShown finds the tests that each row names, and in them what the row says: the outcome, the
// reason, and what is quoted of what a person reads.
func TestFailuresOfThePageAreShown(t *testing.T) {
	t.Parallel()
	sources, err := testSources()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range failureRows(t) {
		tests, cases := "", ""
		for _, name := range quoted.FindAllStringSubmatch(row.shownBy, -1) {
			test, sub, _ := strings.Cut(name[1], "/")
			part := caseOf(sources[test], sub)
			if part == "" {
				t.Errorf("%s: there is no test %s", row.seen, name[1])
			}
			tests, cases = tests+sources[test], cases+part
		}
		for _, words := range quoted.FindAllStringSubmatch(row.outcome+row.read, -1) {
			if !strings.Contains(cases, words[1]) {
				t.Errorf("%s: no test of %s says %q", row.seen, row.shownBy, words[1])
			}
		}
		if outcome, _, _ := strings.Cut(row.outcome, ","); !strings.HasPrefix(outcome, "none") && !strings.Contains(tests, outcome) {
			t.Errorf("%s: no test of %s ends as %s", row.seen, row.shownBy, outcome)
		}
	}
}

// caseOf returns what the text of a test says of one of its cases, and all of it where none is named. A case has a few
// lines, which begin with its name.
func caseOf(source, name string) string {
	if name == "" {
		return source
	}
	const lines = 12
	_, after, found := strings.Cut(source, `"`+name+`"`)
	if !found {
		return ""
	}
	return strings.Join(strings.SplitAfterN(after, "\n", lines+1)[:min(lines, strings.Count(after, "\n"))], "")
}

// TestOutcomesOfThePage makes sure that a row spends the budget of its outcome, or none.
func TestOutcomesOfThePage(t *testing.T) {
	t.Parallel()
	for _, row := range failureRows(t) {
		outcome, _, _ := strings.Cut(row.outcome, ",")
		var right bool
		switch record.Outcome(outcome) {
		case record.Failed, record.Lost, record.NotStarted:
			right = row.spends == outcome || row.spends == "final"
		case record.Stopped:
			right = row.spends == "nothing"
		default:
			right = strings.HasPrefix(row.outcome, "none") && row.spends == "nothing"
		}
		if !right {
			t.Errorf("%s: the outcome is %q, and it spends %q", row.seen, row.outcome, row.spends)
		}
	}
}

func TestGracesOfThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(failuresPage)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| reason | grace |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	got := map[string]string{}
	for line := range strings.Lines(table) {
		reason, grace, _ := strings.Cut(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		got[strings.Trim(reason, "`")] = grace
	}
	want := map[string]string{}
	for reason, grace := range waitingGraces() {
		want[reason] = grace.String()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("graces (-code +page):\n%s", diff)
	}
}

// testSources returns the text of every test there is, those that need a cluster included, by its name: with no
// backslashes, so that what it says can be found in it. Tests of the same name in several packages count as one.
var testSources = sync.OnceValues(func() (map[string]string, error) {
	sources := map[string]string{}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("reading tests: %w", err)
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && isTest(f) {
				body := text[files.Position(f.Pos()).Offset:files.Position(f.End()).Offset]
				sources[f.Name.Name] += strings.ReplaceAll(string(body), `\`, "")
			}
		}
		return nil
	})
	return sources, err
})
