package pipeline

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// checkTestExists makes sure that a test with that name is in one of the packages whose tests need no cluster.
func checkTestExists(t *testing.T, name string) {
	t.Helper()
	tests, err := testsThere()
	if err != nil {
		t.Fatal(err)
	}
	if !tests[name] {
		t.Errorf("there is no func %s(t *testing.T) in a _test.go file of the root package, internal, cli or k8sorchtest", name)
	}
}

// testsThere returns the names of those packages' tests.
var testsThere = sync.OnceValues(func() (map[string]bool, error) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{"internal", "cli", "k8sorchtest"} {
		err := fs.WalkDir(os.DirFS("."), dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, "_test.go") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	tests := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("looking for tests: %w", err)
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && isTest(f) {
				tests[f.Name.Name] = true
			}
		}
	}
	return tests, nil
})

// isTest tells whether go test would call the function.
func isTest(f *ast.FuncDecl) bool {
	if f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") || len(f.Type.Params.List) != 1 {
		return false
	}
	pointer, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	selector, ok := pointer.X.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "T"
}

func TestOnlyTestsAreFound(t *testing.T) {
	t.Parallel()
	tests, err := testsThere()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"TestOnlyTestsAreFound": true, "TestConnectOrder": true, "TestExitCodes": true, "TestRunGivesTypedResults": true,
		// A function that is no test, one for all tests of a package, and one that there is not.
		"checkTestExists": false, "TestMain": false, "TestNothing": false,
	} {
		if tests[name] != want {
			t.Errorf("%s is found as a test: %t, want %t", name, tests[name], want)
		}
	}
}

// TestGoldenFilesHaveRows finds golden files of settings that are gone, or whose row names a behaviour.
func TestGoldenFilesHaveRows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/podspec/*.diff")
	if err != nil {
		t.Fatal(err)
	}
	rows := settingRows()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".diff")
		if !slices.ContainsFunc(rows, func(row settingRow) bool { return row.field == name && row.behaviour == "" }) {
			t.Errorf("%s is the golden file of no row: delete it", file)
		}
	}
}
