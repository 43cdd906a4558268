package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

func TestRenew(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	write := func(text string) {
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + markBegin + "old\n" + markEnd + "after\n")
	for range 2 {
		if err := renew(page, []byte("new\n")); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("before\n"+markBegin+"\nnew\n"+markEnd+"after\n", string(got)); diff != "" {
			t.Errorf("page (-want +got):\n%s", diff)
		}
	}
	write("before\n" + markEnd)
	if err := renew(page, nil); err == nil {
		t.Error("a page without the marks was written")
	}
}

func TestFailureKeepsWhatWasMeasuredBefore(t *testing.T) {
	t.Parallel()
	results, err := options{kubenode: filepath.Join("testdata", "kubenode-fails.sh")}.onCluster(t.Context(), share{})
	if err == nil {
		t.Error("the failure is lost")
	}
	if len(results) != 1 || results[0].System != figures.K8sorch {
		t.Errorf("results %+v, want the one of k8sorch", results)
	}
}

func TestPageIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := filepath.Join(dir, "page.md")
	if err := os.WriteFile(page, []byte("no marks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	err := compare(t.Context(), options{page: page, out: out, only: regexp.MustCompile("no series")})
	if err == nil || !strings.Contains(err.Error(), "it lacks the lines") {
		t.Errorf("%v, want an error about the page's marks", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was made before")
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		full   bool
		only   string
		rounds int
		want   string
	}{
		{false, "", 0, "make bench"},
		{true, "", 0, "make bench-full"},
		{false, "", 1, "e2e/bench.sh -rounds 1"},
		{false, "Chain|Layers", 1, "e2e/bench.sh -only 'Chain|Layers' -rounds 1"},
		{true, "Chain", 0, "e2e/bench.sh -full -only 'Chain'"},
	} {
		if got := (options{full: test.full, only: regexp.MustCompile(test.only), rounds: test.rounds}).set(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
