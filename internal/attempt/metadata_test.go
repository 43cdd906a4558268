package attempt_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

func TestWhatIsSaidLastStands(t *testing.T) {
	t.Parallel()
	m := attempt.NewMetadata()
	for _, err := range []error{m.SetValue("source", "old"), m.SetValue("source", "new"), m.SetMetric("loss", 2), m.SetMetric("loss", -1e300)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := &record.Metadata{Values: map[string]string{"source": "new"}, Metrics: map[string]float64{"loss": -1e300}}
	if diff := cmp.Diff(want, m.Said()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestWhatIsSaidHasBounds(t *testing.T) {
	t.Parallel()
	full := attempt.NewMetadata()
	for i := range attempt.MaxMetadata {
		if err := full.SetMetric(fmt.Sprint(i), 1); err != nil {
			t.Fatal(err)
		}
	}
	m := attempt.NewMetadata()
	for want, err := range map[string]error{
		"1 to 63 bytes":            m.SetValue("", "v"),
		"without control":          m.SetValue("a\nb", "v"),
		"of UTF-8":                 m.SetValue("\xff", "v"),
		"63 bytes":                 m.SetMetric(strings.Repeat("k", 64), 1),
		"257 bytes":                m.SetValue("k", strings.Repeat("v", 257)),
		"not UTF-8":                m.SetValue("k", "\xff"),
		"NaN":                      m.SetMetric("k", math.NaN()),
		"+Inf":                     m.SetMetric("k", math.Inf(1)),
		"there are as many":        full.SetValue("one more", "v"),
		"32 values and metrics to": full.SetMetric("one more", 1),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	if m.Said() != nil {
		t.Errorf("%+v was kept", m.Said())
	}
	if err := full.SetMetric("0", 2); err != nil || len(full.Said().Metrics) != attempt.MaxMetadata {
		t.Errorf("a metric that is there cannot be set again: %v", err)
	}
}

func TestFirstRefusalOfAKindIsKnown(t *testing.T) {
	t.Parallel()
	m := attempt.NewMetadata()
	var first []bool
	for _, err := range []error{m.SetMetric("a", math.NaN()), m.SetMetric("b", math.NaN()), m.SetValue("", "v")} {
		refused, _ := errors.AsType[*attempt.RefusedError](err)
		first = append(first, refused.First)
	}
	if diff := cmp.Diff([]bool{true, false, true}, first); diff != "" {
		t.Errorf("first of its kind (-want +got):\n%s", diff)
	}
}
