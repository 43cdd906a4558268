package process_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

func TestFirstEndStands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := record.RunEnd{Run: "r", Outcome: record.Failed, Steps: []record.StepEnd{{Name: "a", Outcome: record.Lost}}}
	for _, end := range []record.RunEnd{first, {Run: "r", Outcome: record.Succeeded}} {
		got, err := process.DecideEnd(dir, end)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("the end that stands (-want +got):\n%s", diff)
		}
	}
}
