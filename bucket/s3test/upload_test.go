package s3test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

const large = 40 << 20

// client returns a client of the AWS SDK for the bucket at url.
func client(t *testing.T, url string) *s3.Client {
	t.Helper()
	b, err := blob.OpenBucket(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	var c *s3.Client
	if !b.As(&c) {
		t.Fatal("the bucket is not one of S3")
	}
	return c
}

func uploadsInProgress(t *testing.T, url string) int {
	t.Helper()
	name := bucketOf(url)
	uploads, err := client(t, url).ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &name})
	if err != nil {
		t.Fatal(err)
	}
	return len(uploads.Uploads)
}

// A large artifact goes in parts, and the parts of an upload that fails are taken back: they would be charged for.
func TestFailedUploadLeavesNoParts(t *testing.T) {
	t.Parallel()
	url := startServer(t).newBucket(t)
	s := open(t, url)
	ends := map[string]func(context.CancelFunc) io.Reader{
		"its content fails": func(context.CancelFunc) io.Reader { return iotest.ErrReader(errors.New("broken")) },
		"it is interrupted": func(cancel context.CancelFunc) io.Reader {
			return readerFunc(func([]byte) (int, error) { cancel(); return 0, nil })
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var during int
			observed := readerFunc(func([]byte) (int, error) {
				during = uploadsInProgress(t, url)
				return 0, io.EOF
			})
			content := io.MultiReader(artifacttest.Content(large), observed, end(cancel))
			if err := s.Put(ctx, artifact.Sum(nil), large+1, content); err == nil {
				t.Error("Put succeeded")
			}
			if during != 1 {
				t.Errorf("%d multipart uploads in the middle of a large one, want 1", during)
			}
			if after := uploadsInProgress(t, url); after != 0 {
				t.Errorf("%d multipart uploads left, want none", after)
			}
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestServerDiesDuringWrite(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s := open(t, server.newBucket(t))
	_, err := artifacttest.Write(t.Context(), killingStore{s, server}, artifacttest.Content(large))
	if _, ok := errors.AsType[*artifact.UnavailableError](err); !ok {
		t.Errorf("Write = %v, want an UnavailableError", err)
	}
}

// killingStore loses its server in the middle of a put.
type killingStore struct {
	artifact.Store
	server *server
}

func (s killingStore) Put(ctx context.Context, digest artifact.Digest, size int64, content io.Reader) error {
	kill := readerFunc(func([]byte) (int, error) {
		s.server.kill()
		return 0, io.EOF
	})
	return s.Store.Put(ctx, digest, size, io.MultiReader(io.LimitReader(content, size/2), kill, content))
}

func TestServerDiesDuringRead(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s := open(t, server.newBucket(t))
	digest, err := artifacttest.Write(t.Context(), s, artifacttest.Content(large))
	if err != nil {
		t.Fatal(err)
	}
	err = artifacttest.Read(t.Context(), s, digest, large, killer{server})
	if _, ok := errors.AsType[*artifact.UnavailableError](err); !ok {
		t.Errorf("Read = %v, want an UnavailableError", err)
	}
}

// killer kills a server when it is written to.
type killer struct{ *server }

func (k killer) Write(p []byte) (int, error) {
	k.kill()
	return len(p), nil
}
