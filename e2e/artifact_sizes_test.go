package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

var buildSizes = sync.OnceValues(func() (string, error) { return build(".", "./testdata/sizes") })

// sizes are what the steps of the program sizes hand on, as []byte and as a stream.
func sizes() []string { return []string{"0b", "1kb", "250kb", "5mb", "200mb"} }

// TestSizesWithStore includes a stream of 200 MB from a pod with 128 MiB of memory to another one.
func TestSizesWithStore(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	bucket := e.newBucket(t)
	c := e.start(t, command{
		program: built(t, buildSizes), env: []string{withSettings(t, bucket.settings())},
		args: []string{"--artifacts", bucketURL, "--max-parallelism", "4", "-o", "json"},
	})
	wantExitOfSizes(t, c, cli.ExitSucceeded)
	want := map[string]pipeline.Outcome{}
	for _, size := range sizes() {
		for _, step := range []string{"bytes-", "blob-", "check-bytes-", "check-blob-"} {
			want[step+size] = pipeline.Succeeded
		}
	}
	if diff := cmp.Diff(want, c.document(t).outcomes()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// TestSizesWithoutStore shows that what a record cannot hold is refused, once, in words that say what to do. Steps without
// the right to make records have to do with what a termination message holds.
func TestSizesWithoutStore(t *testing.T) {
	t.Parallel()
	inRecord := refusal{"ValueTooLarge", []string{"a record holds at most 262144"}}
	inMessage := refusal{"NotRecorded", []string{"the 4096 of a report", "allow the step's account to create ConfigMaps"}}
	for name, test := range map[string]struct {
		account string
		refused map[string]refusal
	}{
		"records":              {"", map[string]refusal{"5mb": inRecord, "200mb": inRecord}},
		"termination messages": {"rightless", map[string]refusal{"250kb": inMessage, "5mb": inRecord, "200mb": inRecord}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			var settings pipeline.KubernetesOrchestratorSettings
			if test.account != "" {
				e.grant(t, test.account, nil)
				settings.StepPodServiceAccountName = &test.account
			}
			c := e.start(t, command{
				program: built(t, buildSizes), env: []string{withSettings(t, settings)}, args: []string{"--max-parallelism", "4", "-o", "json"},
			})
			wantExitOfSizes(t, c, cli.ExitFailed)
			wantRefusals(t, c.document(t), test.refused)
		})
	}
}

// refusal is how a step ends whose value is too large.
type refusal struct {
	reason string
	says   []string
}

// wantRefusals fails the test unless these sizes are refused, and no others.
func wantRefusals(t *testing.T, got *document, refused map[string]refusal) {
	t.Helper()
	want := map[string]pipeline.Outcome{}
	for _, size := range sizes() {
		made, checked := pipeline.Succeeded, pipeline.Succeeded
		if _, ok := refused[size]; ok {
			made, checked = pipeline.Failed, pipeline.Skipped
		}
		want["bytes-"+size], want["blob-"+size] = made, made
		want["check-bytes-"+size], want["check-blob-"+size] = checked, checked
	}
	if diff := cmp.Diff(want, got.outcomes()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	for _, step := range got.Steps {
		if step.Outcome != pipeline.Failed {
			continue
		}
		want := refused[step.Name[strings.LastIndex(step.Name, "-")+1:]]
		if step.Reason != want.reason || step.Attempts != 1 {
			t.Errorf("step %s failed for the reason %s after %d attempts, want %s after one", step.Name, step.Reason, step.Attempts, want.reason)
		}
		wantText(t, step.Message, append(want.says, step.Name, "--artifacts", "pvc://", "bucket")...)
	}
}

// wantExitOfSizes is wantExit for a program that has many gigabits to move.
func wantExitOfSizes(t *testing.T, c *client, want int) {
	t.Helper()
	if got := c.waitUpTo(t, 2*patience); got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
}
