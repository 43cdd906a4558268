package bucket

import (
	"io"
	"regexp"

	"gocloud.dev/blob"
)

var (
	userInURL  = regexp.MustCompile(`(://)[^/\s"'@]*@`)
	queryOfURL = regexp.MustCompile(`(://[^\s"'?]*)\?[^\s"']*`)
)

// scrubbedError is an error without the secrets that its text may hold: clients quote the URL of a failed request, and
// with a shared access signature (Azure) or a signed URL that is enough to get in.
type scrubbedError struct{ err error }

func scrub(err error) error { return &scrubbedError{err} }

// Error implements error.
func (e *scrubbedError) Error() string {
	text := userInURL.ReplaceAllString(e.err.Error(), "$1")
	return queryOfURL.ReplaceAllString(text, "$1")
}

// Unwrap returns the error as it was.
func (e *scrubbedError) Unwrap() error { return e.err }

// scrubbed is a reader with scrubbed errors.
type scrubbed struct{ object *blob.Reader }

// Read implements io.Reader.
func (s scrubbed) Read(p []byte) (int, error) {
	n, err := s.object.Read(p)
	if err != nil && err != io.EOF {
		err = scrub(err)
	}
	return n, err
}

// Close implements io.Closer.
func (s scrubbed) Close() error { return s.object.Close() }
