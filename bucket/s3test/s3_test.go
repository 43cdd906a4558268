package s3test

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/org/k8sorch/bucket"
	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

func TestMain(m *testing.M) {
	os.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	os.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	os.Exit(m.Run())
}

func TestS3(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	artifacttest.Run(t, func(t *testing.T) artifact.Store { return open(t, s.newBucket(t)) })
}

func TestS3Processes(t *testing.T) {
	t.Parallel()
	newURL := func(t *testing.T) string { return startServer(t).newBucket(t) }
	artifacttest.RunProcesses(t, bucket.Open, newURL)
}

func open(t *testing.T, url string) artifact.Store {
	t.Helper()
	s, err := bucket.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBucketThatDoesNotExist(t *testing.T) {
	t.Parallel()
	artifacttest.WantAllUnavailable(t, open(t, startServer(t).url("no-such-bucket")), artifact.Sum(nil), secretKey)
}

func TestWrongCredentials(t *testing.T) {
	url := startServer(t).newBucket(t)
	if _, err := artifact.WriteBytes(t.Context(), open(t, url), []byte("x")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey+"-another")
	artifacttest.WantAllUnavailable(t, open(t, url), artifact.Sum(nil), secretKey)
}

func TestCorruptObject(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	url := server.newBucket(t)
	s := open(t, url)
	digest, err := artifact.WriteBytes(t.Context(), s, []byte("twelve bytes"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := digest.Key()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(server.file(url, key), []byte("twelve Bytes"), 0o644); err != nil {
		t.Fatal(err)
	}
	err = artifacttest.Read(t.Context(), s, digest, 12, io.Discard)
	if _, ok := errors.AsType[*artifact.CorruptError](err); !ok {
		t.Errorf("Read = %v, want a CorruptError", err)
	}
}
