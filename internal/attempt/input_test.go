package attempt_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/codec"
	"github.com/org/k8sorch/internal/record"
)

// records is a directory with the result record of step a, and its value when given.
func records(t *testing.T, r record.Result, value ...byte) fstest.MapFS {
	t.Helper()
	r.Step = "a"
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{record.ResultFile("a"): {Data: encoded}}
	if value != nil {
		dir[record.ValueFile("a")] = &fstest.MapFile{Data: value}
	}
	return dir
}

func TestInputsFindValuesInlineAndStored(t *testing.T) {
	t.Parallel()
	value := []byte("data")
	store := artifact.NewDir(t.TempDir())
	if _, err := artifact.WriteBytes(t.Context(), store, value); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]fstest.MapFS{
		"inline": records(t, result(value, true), value...),
		"stored": records(t, result(value, false)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := attempt.InputOf("a", dir.ReadFile, store)
			if err != nil {
				t.Fatal(err)
			}
			if in.Name != "a" || in.Size != 4 {
				t.Errorf("input = %+v, want a with 4 bytes", in)
			}
			for range 2 { // it may be opened again
				content, err := in.Open(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if b, err := io.ReadAll(content); err != nil || string(b) != "data" {
					t.Errorf("value = %q, %v, want data", b, err)
				}
				if err := content.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestInputsRefuseWhatIsWrong(t *testing.T) {
	t.Parallel()
	value := []byte("data")
	noDigest := result(value, true)
	noDigest.Digest = "../../etc/passwd"
	for name, test := range map[string]struct {
		dir  fstest.MapFS
		says string
	}{
		"no record":        {fstest.MapFS{}, "a.result.json"},
		"not a record":     {fstest.MapFS{"a.result.json": {Data: []byte("{")}}, "decoding a.result.json"},
		"not a digest":     {records(t, noDigest, value...), "etc/passwd"},
		"no value":         {records(t, result(value, true)), "a.value"},
		"another value":    {records(t, result(value, true), []byte("Data")...), "checking the value"},
		"truncated value":  {records(t, result(value, true), []byte("dat")...), "its 3 bytes"},
		"there's no store": {records(t, result(value, false)), "--artifacts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := attempt.InputOf("a", test.dir.ReadFile, nil)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), `step "a"`) {
				t.Errorf("InputOf() error = %v, want it to name step a and %q", err, test.says)
			}
		})
	}
}

// What a decoder makes of wrong bytes is not the step's failure.
func TestCorruptInputIsTheStoresFault(t *testing.T) {
	t.Parallel()
	root, value := t.TempDir(), []byte{0x18, 0x2a} // 42
	store := artifact.NewDir(root)
	digest, err := artifact.WriteBytes(t.Context(), store, value)
	if err != nil {
		t.Fatal(err)
	}
	key, err := digest.Key()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, key), []byte{0xff, 0x2a}, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := attempt.InputOf("a", records(t, result(value, false)).ReadFile, store)
	if err != nil {
		t.Fatal(err)
	}
	w := work(t, nil)
	w.Inputs = []attempt.Input{in}
	w.Func = func(ctx context.Context, in []attempt.Input) (attempt.Encode, error) {
		content, err := in[0].Open(ctx)
		if err != nil {
			return nil, err
		}
		defer content.Close()
		c, err := codec.New()
		if err != nil {
			return nil, err
		}
		var n int
		return nil, c.Decode(content, &n)
	}
	checkEnd(t, w.Run(t.Context()), record.End{Outcome: record.Failed, Reason: "ArtifactCorrupt", Permanent: true}, "is corrupt")
}
