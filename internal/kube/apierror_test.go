package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestRetryable(t *testing.T) {
	t.Parallel()
	pods, quotas := schema.GroupResource{Resource: "pods"}, schema.GroupResource{Resource: "resourcequotas"}
	dial := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://10.0.0.1/api", Err: &net.OpError{Op: "dial", Err: err}}
	}
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nothing", nil, false},
		{"a caller who gave up", fmt.Errorf("creating: %w", context.Canceled), false},
		{"a call that took too long", dial(context.DeadlineExceeded), true},
		{"too many requests", apierrors.NewTooManyRequests("wait", 1), true},
		{"an internal error", apierrors.NewInternalError(errors.New("failed calling webhook")), true},
		{"a wrapped internal error", fmt.Errorf("x: %w", apierrors.NewInternalError(errors.New("x"))), true},
		{"unavailable", apierrors.NewServiceUnavailable("starting"), true},
		{"a server's timeout", apierrors.NewServerTimeout(pods, "create", 1), true},
		{"a proxy's bad gateway", apierrors.NewGenericServerResponse(502, "get", pods, "p", "", 0, true), true},
		{"two creates that meet in one quota", apierrors.NewConflict(quotas, "q", errors.New("modified")), true},
		{"a precondition that does not hold", apierrors.NewConflict(pods, "p", errors.New("uid")), false},
		{"a name that is taken", apierrors.NewAlreadyExists(pods, "p"), false},
		{"no such object", apierrors.NewNotFound(pods, "p"), false},
		{"not allowed", apierrors.NewForbidden(pods, "p", errors.New("no")), false},
		{"a server that has just started", apierrors.NewForbidden(pods, "p", errors.New("not yet ready to handle request")), true},
		{"malformed", apierrors.NewBadRequest("no"), false},
		{"too large for the API server", apierrors.NewRequestEntityTooLargeError("3 MiB"), false},
		{"too large for etcd", apierrors.NewInternalError(errors.New("etcdserver: request is too large")), false},
		{"refused", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), true},
		{"reset", dial(syscall.ECONNRESET), true},
		{"no route", dial(syscall.EHOSTUNREACH), true},
		{"cut off", &url.Error{Op: "Get", Err: io.EOF}, true},
		{"cut off in the middle", fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), true},
		{"told to go away", &url.Error{Op: "Get", Err: errors.New("http2: server sent GOAWAY and closed the connection")}, true},
		{"lost", errors.New("http2: client connection lost"), true},
		{"a name server that does not answer", dial(&net.DNSError{IsTimeout: true}), true},
		{"a host that does not exist", dial(&net.DNSError{IsNotFound: true}), false},
		{"something else", errors.New("x509: certificate has expired"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := Retryable(test.err); got != test.want {
				t.Errorf("Retryable(%v) = %t, want %t", test.err, got, test.want)
			}
		})
	}
}
