package e2e

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/cli"
)

// TestObserving looks at what a run tells whose first step fails once: its progress, its metadata, and the events on its Job.
func TestObserving(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	events := follow[*corev1.Event](t, s.client.CoreV1().Events(s.namespace))
	c := s.start(t, command{program: built(t, buildFlaky), args: []string{"--output", "json"}})
	c.wantExit(t, cli.ExitSucceeded)
	d := c.document(t)
	step, _ := d.Step("first")
	if diff := cmp.Diff(map[string]string{"source": "nowhere"}, step.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{"attempts": 2}, step.Metrics); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if said := regexp.MustCompile(`(?m)first +50 %  half of it$`); !said.MatchString(c.stderr.String()) {
		t.Errorf("no line tells of the progress:\n%s", c.stderr.String())
	}
	wantStory(t, events, d.ID, "Normal RunStarted", "Warning StepRetried", "Normal RunSucceeded")
}

// wantStory fails the test unless these are the events that the orchestrator makes on the run's Job, in this order. The client
// may hear of the end before the last one is there.
func wantStory(t *testing.T, events *trail[*corev1.Event], run string, want ...string) {
	t.Helper()
	var got []string
	events.until(t, "as many events as are wanted", func(changes []change[*corev1.Event]) bool {
		got = nil
		for _, c := range changes {
			if c.object.InvolvedObject.Name == run && c.object.Source.Component == "k8sorch-orchestrator" {
				got = append(got, c.object.Type+" "+c.object.Reason)
			}
		}
		return len(got) >= len(want)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
