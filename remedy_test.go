package pipeline

import (
	"os"
	"strings"
	"testing"
)

// TestRemediesAreForReasonsThatAreGiven looks for each reason in the code and the documents that give reasons.
func TestRemediesAreForReasonsThatAreGiven(t *testing.T) {
	t.Parallel()
	documented, err := os.ReadFile("docs/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	// Those that Kubernetes gives of pods that wait, in their status or their events, and that of a name that is taken.
	others := "`Unschedulable` `FailedScheduling` `SchedulingGated` `FailedMount` `FailedAttachVolume` `NameTaken`"
	for reason := range remedies {
		if !strings.Contains(string(documented)+others, "`"+reason+"`") && !strings.Contains(string(documented), "`"+reason+":") {
			t.Errorf("there is a remedy for %s, which no document names", reason)
		}
	}
}
