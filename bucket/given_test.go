package bucket_test

import (
	"crypto/rand"
	"net/url"
	"os"
	"testing"

	"github.com/org/k8sorch/bucket"
	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

// givenURL names a bucket of any cloud, or of its emulator, to hold the store against. Objects are left behind in it.
const givenURL = "K8SORCH_TEST_BUCKET_URL"

func TestGivenBucket(t *testing.T) {
	t.Parallel()
	newURL := given(t)
	artifacttest.Run(t, func(t *testing.T) artifact.Store { return open(t, newURL(t)) })
}

func TestGivenBucketProcesses(t *testing.T) {
	t.Parallel()
	artifacttest.RunProcesses(t, bucket.Open, given(t))
}

// given returns a function that makes URLs of empty stores in the given bucket.
func given(t *testing.T) func(*testing.T) string {
	t.Helper()
	u, err := url.Parse(os.Getenv(givenURL))
	if err != nil {
		t.Fatal(err)
	}
	if u.Host == "" {
		t.Skip("set " + givenURL + " to the URL of a bucket")
	}
	return func(*testing.T) string { return u.JoinPath(rand.Text()).String() }
}
