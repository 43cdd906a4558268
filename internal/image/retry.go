package image

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// retry repeats what failed for a passing reason, after about 1, 2 and 4 seconds.
func retry(ctx context.Context, try func() error) error {
	policy := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(time.Second),
		backoff.WithMultiplier(2),
		backoff.WithMaxElapsedTime(0), // a large upload may take longer than any default
	)
	return backoff.Retry(func() error {
		err := try()
		if err != nil && !passing(err) {
			return backoff.Permanent(err)
		}
		return err
	}, backoff.WithContext(backoff.WithMaxRetries(policy, 3), ctx))
}

// passing reports whether a failure may be gone in a moment. A connection that is refused is not: the user wants to hear
// of a wrong address at once.
func passing(err error) bool {
	if answer := new(transport.Error); errors.As(err, &answer) {
		return passingAnswer(answer)
	}
	unresolved := new(net.DNSError)
	if errors.As(err, &unresolved) {
		return unresolved.IsTemporary
	}
	if isDial(err) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if slow := net.Error(nil); errors.As(err, &slow) && slow.Timeout() {
		return true
	}
	broken := []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE}
	return slices.ContainsFunc(broken, func(target error) bool { return errors.Is(err, target) })
}

func passingAnswer(answer *transport.Error) bool {
	lost := func(d transport.Diagnostic) bool {
		return d.Code == transport.BlobUploadInvalidErrorCode || d.Code == transport.BlobUploadUnknownErrorCode
	}
	switch code := answer.StatusCode; code {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusInsufficientStorage:
		return false
	default:
		return code >= http.StatusInternalServerError || slices.ContainsFunc(answer.Errors, lost)
	}
}
