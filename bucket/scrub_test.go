package bucket

import (
	"errors"
	"testing"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Put "https://a.blob.core.windows.net/c/k?comp=block&sig=secret": EOF`: `Put "https://a.blob.core.windows.net/c/k": EOF`,
		`open bucket s3://user:secret@bucket?token=secret: unknown`:            `open bucket s3://bucket unknown`,
		`Get "http://127.0.0.1:1/b/k": connection refused (is it there?)`:      `Get "http://127.0.0.1:1/b/k": connection refused (is it there?)`,
	} {
		err := errors.New(text)
		if got := scrub(err); got.Error() != want || !errors.Is(got, err) {
			t.Errorf("scrub(%q) = %q, want %q", text, got, want)
		}
	}
}

// Parts must be few enough for S3 and small enough for memory.
func TestPartSize(t *testing.T) {
	t.Parallel()
	const gigabyte = 1 << 30
	for size, want := range map[int64]int{0: 8 << 20, 200 << 20: 8 << 20, 78 * gigabyte: 8 << 20, 100 * gigabyte: 10737419} {
		got := partSize(size)
		if got != want {
			t.Errorf("partSize(%d) = %d, want %d", size, got, want)
		}
		if parts := (size + int64(got) - 1) / int64(got); parts > 10_000 {
			t.Errorf("%d bytes make %d parts", size, parts)
		}
	}
}
