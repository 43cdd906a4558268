package attempt_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

func TestWhereAValueGoes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		size   int
		room   int64
		inline bool
	}{
		"nothing":                       {0, 0, true},
		"the most a record holds":       {record.MaxInline, 0, true},
		"one byte more":                 {record.MaxInline + 1, 0, false},
		"the room that is left":         {10, 10, true},
		"more than the room":            {11, 10, false},
		"room for more than one record": {record.MaxInline + 1, 2 * record.MaxInline, false},
		"no room":                       {1, -1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value := bytes.Repeat([]byte("v"), test.size)
			store, c := artifact.NewDir(t.TempDir()), &committer{}
			w := work(t, value)
			w.Role.Room, w.Store, w.Committer = test.room, store, c
			if got := w.Run(t.Context()); !got.Recorded {
				t.Fatalf("Run() = %+v, want a recorded result", got)
			}
			if diff := cmp.Diff(result(value, test.inline), c.result); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
			kept := c.value
			if !test.inline {
				kept = stored(t, store, c.result)
			}
			if !bytes.Equal(kept, value) {
				t.Errorf("%d bytes were kept, want the %d of the value", len(kept), len(value))
			}
		})
	}
}

func stored(t *testing.T, store artifact.Store, r record.Result) []byte {
	t.Helper()
	content, err := artifact.Open(t.Context(), store, artifact.Digest(r.Digest), r.Size)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLargeValueWithoutAStore(t *testing.T) {
	t.Parallel()
	w := work(t, make([]byte, record.MaxInline+1))
	want := record.End{Outcome: record.Failed, Reason: "ValueTooLarge", Permanent: true}
	checkEnd(t, w.Run(t.Context()), want, `the value of step "train" has 262145 bytes and a record holds at most 262144; `+
		"give the run an artifact store: Config.Artifacts or --artifacts with pvc://claim/path or a bucket's URL")
	w.Role.Room = -1
	checkEnd(t, w.Run(t.Context()), want, "have room for 0 more (262144 for one, 67108864 for all)")
}

func TestLargeValueOutlastsAShortAbsenceOfTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		encoded := 0
		w := work(t, nil)
		w.Store = &flakyStore{artifact.NewDir(t.TempDir()), 3}
		w.Func = func(context.Context, []attempt.Input) (attempt.Encode, error) {
			return func(ctx context.Context, out io.Writer) error {
				encoded++
				return encode(make([]byte, record.MaxInline+1))(ctx, out)
			}, nil
		}
		if got := w.Run(t.Context()); got.Result == nil {
			t.Errorf("Run() = %+v, want a result", got)
		}
		if encoded != 1 {
			t.Errorf("the value was encoded %d times, want once: a stream cannot be read again", encoded)
		}
	})
}

func TestLargeValueWhenTheStoreStaysAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work(t, make([]byte, record.MaxInline+1))
		w.Store = &flakyStore{artifact.NewDir(t.TempDir()), forever}
		checkEnd(t, w.Run(t.Context()), record.End{Outcome: record.Lost, Reason: "ArtifactStore"}, "connection refused")
	})
}

func TestInputOutlastsAShortAbsenceOfTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := artifact.NewDir(t.TempDir())
		digest, err := artifact.WriteBytes(t.Context(), dir, []byte("data"))
		if err != nil {
			t.Fatal(err)
		}
		store := &flakyStore{dir, 3}
		w := work(t, nil)
		w.Inputs = []attempt.Input{{Name: "a", Open: func(ctx context.Context) (io.ReadCloser, error) {
			return artifact.Open(ctx, store, digest, 4)
		}}}
		w.Func = func(ctx context.Context, in []attempt.Input) (attempt.Encode, error) {
			content, err := in[0].Open(ctx)
			if err != nil {
				return nil, err
			}
			defer content.Close()
			b, err := io.ReadAll(content)
			return encode(b), err
		}
		if got := w.Run(t.Context()); string(got.Value) != "data" {
			t.Errorf("Run() = %+v, want the value data", got)
		}
	})
}

func TestSpilledValueLeavesNoFile(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for name, encode := range map[string]attempt.Encode{
		"stored": encode(make([]byte, record.MaxInline+1)),
		"failed": func(ctx context.Context, w io.Writer) error {
			_ = encode(make([]byte, record.MaxInline+1))(ctx, w)
			return errors.New("half way")
		},
		"panicked": func(ctx context.Context, w io.Writer) error {
			_ = encode(make([]byte, record.MaxInline+1))(ctx, w)
			panic("half way")
		},
	} {
		w := work(t, nil)
		w.Store = artifact.NewDir(t.TempDir())
		w.Func = func(context.Context, []attempt.Input) (attempt.Encode, error) { return encode, nil }
		w.Run(t.Context())
		left, err := os.ReadDir(tmp)
		if err != nil || len(left) > 0 {
			t.Errorf("%s: %v is left (%v)", name, left, err)
		}
	}
}

func TestValueWithoutRoomForATemporaryFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/not-there")
	w := work(t, make([]byte, record.MaxInline+1))
	w.Store = artifact.NewDir(t.TempDir())
	checkEnd(t, w.Run(t.Context()), record.End{Outcome: record.Failed, Reason: "Error"}, "an emptyDir")
}
