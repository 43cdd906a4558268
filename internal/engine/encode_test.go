package engine_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
)

func TestPlanIsEncodedWithItsTermsOnce(t *testing.T) {
	t.Parallel()
	terms := engine.Step{
		Failed: engine.Budget{Retries: 2, Delay: time.Second, Factor: 2}, StartupTimeout: time.Minute,
		FailOn: map[string]time.Duration{"ErrImagePull": time.Minute},
	}
	want := engine.Plan{Mode: engine.FailFast, MaxParallelism: 3, Stagger: time.Second, Confirm: time.Minute}
	for _, name := range []string{"a", "b", "c"} {
		s := terms
		if s.Name = name; name == "c" {
			s.Needs, s.Earlier, s.Timeout = []string{"a", "b"}, 4, time.Hour
		}
		want.Steps = append(want.Steps, s)
	}
	encoded, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(encoded, []byte("ErrImagePull")); n != 2 {
		t.Errorf("the terms of three steps, two of which have the same, stand there %d times:\n%s", n, encoded)
	}
	var got engine.Plan
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func TestPlanWithoutATermIsRefused(t *testing.T) {
	t.Parallel()
	for _, terms := range []string{"-1", "1"} {
		if err := json.Unmarshal([]byte(`{"steps":[{"name":"a","terms":`+terms+`}],"terms":[{}]}`), new(engine.Plan)); err == nil {
			t.Errorf("terms %s of one are accepted", terms)
		}
	}
}
