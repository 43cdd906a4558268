package bucket_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"github.com/org/k8sorch/bucket"
	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"), // Google's client, from its init
		// Connections that the clients keep for their next request.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	artifacttest.Run(t, func(t *testing.T) artifact.Store { return open(t, "file://"+t.TempDir()) })
}

func TestMemory(t *testing.T) {
	t.Parallel()
	artifacttest.Run(t, func(t *testing.T) artifact.Store { return newStore(t, memblob.OpenBucket(nil)) })
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	artifacttest.Run(t, func(t *testing.T) artifact.Store {
		return newStore(t, blob.PrefixedBucket(memblob.OpenBucket(nil), "a/b/"))
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	artifacttest.Run(t, func(t *testing.T) artifact.Store { return newStore(t, openFiles(t, t.TempDir())) })
}

func openFiles(t *testing.T, dir string) *blob.Bucket {
	t.Helper()
	files, err := fileblob.OpenBucket(dir, &fileblob.Options{NoTempDir: true})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func newStore(t *testing.T, b *blob.Bucket) artifact.Store {
	t.Cleanup(func() { _ = b.Close() })
	return bucket.New(b, "test bucket")
}

func open(t *testing.T, url string) artifact.Store {
	t.Helper()
	s, err := bucket.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestClosed(t *testing.T) {
	t.Parallel()
	b := memblob.OpenBucket(nil)
	s := newStore(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	artifacttest.WantAllUnavailable(t, s, artifact.Sum(nil), "secret")
}

// One instance of each cloud is enough to see that 404 from something else is no answer about the artifact.
func TestServerThatIsNoObjectStore(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AZURE_STORAGE_ACCOUNT", "account")
	t.Setenv("AZURE_STORAGE_KEY", "c2VjcmV0")
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	t.Setenv("STORAGE_EMULATOR_HOST", host)
	for scheme, url := range map[string]string{
		"s3":     "s3://b/p?region=us-east-1&use_path_style=true&endpoint=" + server.URL,
		"gs":     "gs://b/p?anonymous=true",
		"azblob": "azblob://b/p?protocol=http&localemu=true&domain=" + host,
	} {
		t.Run(scheme, func(t *testing.T) { artifacttest.WantAllUnavailable(t, open(t, url), artifact.Sum(nil), "secret") })
	}
}

func TestServerThatIsDown(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	s := open(t, "s3://b?region=us-east-1&use_path_style=true&endpoint="+server.URL)
	_, err := s.Stat(t.Context(), artifact.Sum(nil)) // one call, because the client tries it several times
	artifacttest.WantUnavailable(t, "Stat", err)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"s3://key:secret@bucket":       "credentials",
		"s3://bucket/a/../b":           `".."`,
		"s3://bucket/a//b":             "empty part",
		"s3://bucket?token=secret":     "token",
		"s3://":                        "bucket",
		"azblob://container?sv=secret": "sv",
		"ftp://bucket":                 "ftp",
		"pvc://claim/path":             "pvc",
		"file://relative":              "three slashes",
		"bucket":                       "file:///absolute/path",
	} {
		s, err := bucket.Open(context.Background(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q) = %v, %v, want an error with %q and no secret", url, s, err, want)
		}
	}
}
