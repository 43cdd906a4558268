package process

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLogIsReadOnWhereItWasReadTo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ReadLog(dir, "s", 1, 0, func(string) {}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading a log that is not there: %v, want %v", err, fs.ErrNotExist)
	}
	log, err := keepLog(dir, key{"s", 1})
	if err != nil {
		t.Fatal(err)
	}
	defer log.close()
	var at int64
	var got [][]string
	for _, lines := range [][]string{{"one", ""}, nil, {"two"}} {
		for _, line := range lines {
			log.add(line)
		}
		var read []string
		if at, err = ReadLog(dir, "s", 1, at, func(line string) { read = append(read, line) }); err != nil {
			t.Fatal(err)
		}
		got = append(got, read)
	}
	if diff := cmp.Diff([][]string{{"one", ""}, nil, {"two"}}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLogIsKeptUpToABound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log, err := keepLog(dir, key{"s", 1})
	if err != nil {
		t.Fatal(err)
	}
	log.add("one")
	log.add(strings.Repeat("x", maxLog))
	log.add("three")
	log.close()
	var got []string
	if _, err := ReadLog(dir, "s", 1, 0, func(line string) { got = append(got, line) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", logCut}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// A step runs whether or not its log can be kept.
func TestLogThatCannotBeKept(t *testing.T) {
	t.Parallel()
	log, err := keepLog("/dev/null", key{"s", 1})
	if err == nil {
		t.Error("a log was made below a file that is no directory")
	}
	log.add("one")
	log.close()
}
