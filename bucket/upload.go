package bucket

import (
	"context"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
)

const (
	// defaultPart is how much is buffered per part of an upload, in bytes. S3 wants 5 MiB at least.
	defaultPart = 8 << 20
	// maxParts is the most parts that S3 takes for one object (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
	maxParts = 10_000
	// partsAtOnce is how many parts are sent, and so held in memory, at the same time.
	partsAtOnce = 3
	// abortTimeout is how long S3 may take to drop the parts of an upload that was interrupted.
	abortTimeout = 10 * time.Second
)

// partSize returns how large the parts must be for an object of size bytes to be one of few enough.
func partSize(size int64) int {
	return int(max(defaultPart, (size+maxParts-1)/maxParts))
}

// upload writes the object, which appears only when content has come to its end.
func (s *store) upload(ctx context.Context, key string, size int64, content io.Reader) error {
	prepare := abortOnError
	if client := (*s3.Client)(nil); s.bucket.As(&client) {
		prepare = outlive
	}
	ctx, content, release := prepare(ctx, content)
	defer release()
	return s.bucket.Upload(ctx, key, content, &blob.WriterOptions{
		ContentType:    "application/octet-stream",
		BufferSize:     partSize(size),
		MaxConcurrency: partsAtOnce,
	})
}

// abortOnError ends the context when content fails. blob.Bucket.Upload needs that: it takes failing content for the end
// where the driver has no upload of its own. (A blob.Writer would not, but Azure's panics when the server refuses.)
func abortOnError(ctx context.Context, content io.Reader) (context.Context, io.Reader, func()) {
	ctx, abort := context.WithCancel(ctx)
	return ctx, readerFunc(func(p []byte) (int, error) {
		n, err := content.Read(p)
		if err != nil && err != io.EOF {
			abort()
		}
		return n, err
	}), abort
}

// outlive lets the context go on for abortTimeout when the caller's has ended. S3 keeps the parts of an upload, and
// charges for them, until it is told to drop them, and parts that are on their way then may be kept nevertheless. The
// client does that well when content fails, which it does as soon as the caller's context ends, but not without a context.
func outlive(ctx context.Context, content io.Reader) (context.Context, io.Reader, func()) {
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(abortTimeout, end)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, content, func() { stop(); end() }
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
