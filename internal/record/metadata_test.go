package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/record"
)

// plenty is more metadata than a report has room for.
func plenty() *record.Metadata {
	m := &record.Metadata{Values: map[string]string{}, Metrics: map[string]float64{"accuracy": 0.5, "loss": 2}}
	for i := range 30 {
		m.Values[fmt.Sprintf("key-%02d", i)] = strings.Repeat("v", 256)
	}
	return m
}

func decoded(t *testing.T, r record.Report, size int) record.Report {
	t.Helper()
	b, err := r.EncodeWithin(size)
	if err != nil || len(b) > size {
		t.Fatalf("%d bytes, %v, want at most %d", len(b), err, size)
	}
	r, err = record.DecodeReport(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMetadataNeverKeepsAResultFromBeingReported(t *testing.T) {
	t.Parallel()
	for name, value := range map[string][]byte{"small": []byte("value"), "as large as can be": make([]byte, 2900)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := record.Report{Value: value, Result: &record.Result{Run: "r", Step: "s", Attempt: 1, Size: int64(len(value)), Inline: true, Metadata: plenty()}}
			got := decoded(t, want, record.MaxReport)
			if diff := cmp.Diff(want.Value, got.Value); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			m := got.Result.Metadata
			if len(m.Values)+len(m.Metrics)+m.Dropped != 32 || m.Dropped == 0 {
				t.Errorf("%d values and %d metrics are left of 32, %d are said to be dropped", len(m.Values), len(m.Metrics), m.Dropped)
			}
			if want.Result.Metadata.Dropped != 0 || len(want.Result.Metadata.Values) != 30 {
				t.Error("encoding the report has changed it")
			}
		})
	}
}

func TestMetricsStayBeforeValues(t *testing.T) {
	t.Parallel()
	got := decoded(t, record.Report{Result: &record.Result{Run: "r", Step: "s", Metadata: plenty()}}, 700)
	want := &record.Metadata{
		Metrics: map[string]float64{"accuracy": 0.5, "loss": 2}, Values: map[string]string{"key-00": strings.Repeat("v", 256)}, Dropped: 29,
	}
	if diff := cmp.Diff(want, got.Result.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestMessageOfAFailureHasHalfOfTheReport(t *testing.T) {
	t.Parallel()
	r := failure("what happened " + strings.Repeat("m", 5000) + " where it was")
	r.End.Metadata = plenty()
	got := decoded(t, r, record.MaxReport).End
	if len(got.Message) < record.MaxReport/2-100 || !strings.HasSuffix(got.Message, "where it was") {
		t.Errorf("%d bytes are left of the message: %.40s…", len(got.Message), got.Message)
	}
	if m := got.Metadata; len(m.Metrics) != 2 || len(m.Values) < 5 || len(m.Values)+m.Dropped != 30 {
		t.Errorf("%d metrics and %d values are left, %d are said to be dropped", len(m.Metrics), len(m.Values), m.Dropped)
	}
}

func TestMetadataThatFitsIsLeftAlone(t *testing.T) {
	t.Parallel()
	want := failure("short")
	want.End.Metadata = &record.Metadata{Values: map[string]string{"a": "b"}, Metrics: map[string]float64{"c": -0.5}}
	if diff := cmp.Diff(want, decoded(t, want, record.MaxReport)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
