package record_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/record"
)

func TestRunEndHasWhatIsWrongFirst(t *testing.T) {
	t.Parallel()
	end := record.RunEnd{Run: "r", Pipeline: "p", Outcome: record.Failed, Steps: []record.StepEnd{
		{Name: "a", Outcome: record.Succeeded}, {Name: "b", Outcome: record.Skipped}, {Name: "c", Outcome: record.Lost},
		{Name: "d", Outcome: record.Succeeded}, {Name: "e", Outcome: record.Failed}, {Name: "f", Outcome: record.Skipped},
	}}
	var order []string
	for _, s := range end.Bounded().Steps {
		order = append(order, s.Name)
	}
	if diff := cmp.Diff([]string{"c", "e", "b", "f", "a", "d"}, order); diff != "" {
		t.Errorf("order of the steps (-want +got):\n%s", diff)
	}
	if end.Steps[0].Name != "a" {
		t.Error("the original was changed")
	}
}

func TestRunEndIsBounded(t *testing.T) {
	t.Parallel()
	// What takes six bytes in JSON.
	long := strings.Repeat("<", 5000)
	for _, steps := range []int{0, 10, 1000, 10_000} {
		t.Run(fmt.Sprint(steps), func(t *testing.T) {
			t.Parallel()
			end := record.RunEnd{Run: "r", Outcome: record.Stopped, Message: long}
			for i := range steps {
				end.Steps = append(end.Steps, record.StepEnd{Name: fmt.Sprintf("step-%d", i), Outcome: record.Failed, Message: long})
			}
			got := end.Bounded()
			encoded, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if len(encoded) > record.MaxRunEnd {
				t.Errorf("%d bytes, want at most %d", len(encoded), record.MaxRunEnd)
			}
			if len(got.Steps)+got.Omitted != steps || steps == 10 && got.Omitted > 0 || steps >= 1000 && len(encoded) < record.MaxRunEnd-8192 {
				t.Errorf("%d of %d steps are there and %d are said to be left out, in %d bytes", len(got.Steps), steps, got.Omitted, len(encoded))
			}
			if len(got.Message) > 1024 || len(got.Steps) > 0 && len(got.Steps[0].Message) > 1024 {
				t.Errorf("messages of %d bytes, want at most 1024", len(got.Message))
			}
		})
	}
}
