package record_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/record"
)

func failure(message string) record.Report {
	return record.Report{End: &record.End{Outcome: record.Failed, Reason: "Error", Message: message}}
}

func TestReportsArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, want := range []record.Report{
		failure("the disk is on fire"),
		{Result: &record.Result{Run: "r", Step: "s", Attempt: 2, Digest: "sha256:00", Size: 1, Inline: true}, Value: []byte{0xff}},
		{Result: &record.Result{Run: "r", Step: "s", Attempt: 1}, Recorded: true},
	} {
		b, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := record.DecodeReport(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
	}
}

func TestLongMessagesAreCutInTheMiddle(t *testing.T) {
	t.Parallel()
	b, err := failure("what happened " + strings.Repeat("ü", 5000) + " where it was").Encode()
	if err != nil || len(b) > record.MaxReport {
		t.Fatalf("%d bytes, %v, want at most %d", len(b), err, record.MaxReport)
	}
	r, err := record.DecodeReport(b)
	if err != nil {
		t.Fatal(err)
	}
	if m := r.End.Message; !strings.HasPrefix(m, "what happened") || !strings.HasSuffix(m, "where it was") || len(m) < 2000 {
		t.Errorf("message of %d bytes: %.40s…", len(m), m)
	}
}

func TestResultsAreNotCut(t *testing.T) {
	t.Parallel()
	r := record.Report{Result: &record.Result{Inline: true}, Value: make([]byte, record.MaxReport)}
	if b, err := r.Encode(); err == nil {
		t.Errorf("a value of %d bytes went into a report of %d", record.MaxReport, len(b))
	}
}

func FuzzReport(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\xff" + strings.Repeat("\x01", 3000))
	f.Fuzz(func(t *testing.T, message string) {
		b, err := failure(message).Encode()
		if err != nil || len(b) > record.MaxReport || !utf8.Valid(b) {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		if _, err := record.DecodeReport(b); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzDecodeReport(f *testing.F) {
	f.Add([]byte(`{"result":{},"end":{}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := record.DecodeReport(message)
		if err == nil && (r.Result == nil) == (r.End == nil) {
			t.Errorf("%q is a report of both or neither", message)
		}
	})
}
