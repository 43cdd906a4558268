package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func TestPassing(t *testing.T) {
	t.Parallel()
	answer := func(code int, reasons ...transport.ErrorCode) error {
		err := &transport.Error{StatusCode: code}
		for _, reason := range reasons {
			err.Errors = append(err.Errors, transport.Diagnostic{Code: reason})
		}
		return fmt.Errorf("pushing: %w", err)
	}
	request := func(err error) error { return &url.Error{Op: "Put", URL: "https://registry.example.com", Err: err} }
	for _, test := range []struct {
		err  error
		want bool
	}{
		{answer(http.StatusTooManyRequests), true},
		{answer(http.StatusBadGateway), true},
		{answer(http.StatusNotFound, transport.BlobUploadUnknownErrorCode), true},
		{answer(http.StatusNotFound), false},
		{answer(http.StatusForbidden), false},
		{answer(http.StatusNotImplemented), false},
		{answer(http.StatusInsufficientStorage), false},
		{request(io.ErrUnexpectedEOF), true},
		{request(&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}), true},
		{request(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), true},
		{request(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), false},
		{request(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), false},
		{request(&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}), true},
		{request(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), false},
		{request(context.DeadlineExceeded), false},
		{request(context.Canceled), false},
		{errors.New("anything else"), false},
	} {
		if got := passing(test.err); got != test.want {
			t.Errorf("passing(%v) = %t, want %t", test.err, got, test.want)
		}
	}
}
