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

// TestSizesWithoutStore shows that what a record cannot hold is refused, once, in words that say what to do.
func TestSizesWithoutStore(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	c := e.start(t, command{program: built(t, buildSizes), args: []string{"--max-parallelism", "4", "-o", "json"}})
	wantExitOfSizes(t, c, cli.ExitFailed)
	want := map[string]pipeline.Outcome{}
	for _, size := range sizes() {
		made, checked := pipeline.Succeeded, pipeline.Succeeded
		if strings.HasSuffix(size, "mb") {
			made, checked = pipeline.Failed, pipeline.Skipped
		}
		want["bytes-"+size], want["blob-"+size] = made, made
		want["check-bytes-"+size], want["check-blob-"+size] = checked, checked
	}
	got := c.document(t)
	if diff := cmp.Diff(want, got.outcomes()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	for _, step := range got.Steps {
		if step.Outcome == pipeline.Failed {
			if step.Reason != "ValueTooLarge" || step.Attempts != 1 {
				t.Errorf("step %s failed for the reason %s after %d attempts, want ValueTooLarge after one", step.Name, step.Reason, step.Attempts)
			}
			wantText(t, step.Message, step.Name, "a record holds at most 262144", "--artifacts", "pvc://", "bucket")
		}
	}
}

// wantExitOfSizes is wantExit for a program that has many gigabits to move.
func wantExitOfSizes(t *testing.T, c *client, want int) {
	t.Helper()
	if got := c.waitUpTo(t, 2*patience); got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
}
