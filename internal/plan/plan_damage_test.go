package plan_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/plan"
)

// A plan that was damaged on the way is refused, or is the same as before.
func TestDamagedPlansAreRefused(t *testing.T) {
	t.Parallel()
	whole := encoded(t, sample())
	for i := range whole {
		for _, flip := range []byte{1, 0x10, 0xff} {
			damaged := bytes.Clone(whole)
			damaged[i] ^= flip
			if p, err := plan.Decode(damaged); err == nil && !cmp.Equal(sample(), p) {
				t.Fatalf("with byte %d changed by %#x it is another plan: %s", i, flip, cmp.Diff(sample(), p))
			}
		}
		if _, err := plan.Decode(whole[:i]); err == nil {
			t.Fatalf("its first %d of %d bytes are taken for a plan", i, len(whole))
		}
	}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsNoPlanIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":     "decoding plan: unexpected end of JSON input",
		"null": "decoding plan: it has version 0, this binary reads version 2",
		// One of which not even that much can be decoded.
		`{"version":1,"engine":{"steps":[{"name":"a"}]}}`: "decoding plan: it has version 1, this binary reads version 2",
		`{"version":2}`:     "decoding plan: its graph has fingerprint ",
		`{"version":2} [1]`: "decoding plan: invalid character '[' after top-level value",
		`{"engine":[]}`:     "decoding plan: json: cannot unmarshal array",
	} {
		if p, err := plan.Decode(packed(t, text)); err == nil || !strings.HasPrefix(err.Error(), want) || p != nil {
			t.Errorf("%q: plan %v, error %v, want %s…", text, p, err, want)
		}
	}
}

func TestStepWithoutATemplateIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]int){
		"none":      func(m map[string]int) { delete(m, "a") },
		"negative":  func(m map[string]int) { m["a"] = -1 },
		"too large": func(m map[string]int) { m["a"] = 1 },
	} {
		p := sample()
		change(p.Kubernetes.StepTemplates)
		if _, err := plan.Decode(encoded(t, p)); err == nil || err.Error() != `decoding plan: step "a" has no pod template` {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}
