package kube

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// Retryable tells whether the same API call may be answered differently when it is repeated: the server was out of
// reach, too busy or interrupted. A call that got no answer may have been carried out all the same, so only calls with
// deterministic names may be repeated.
func Retryable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return retryableStatus(err, status)
	}
	return retryableTransport(err)
}

func retryableStatus(err error, status *apierrors.StatusError) bool {
	if tooLarge(err) {
		return false
	}
	code := status.ErrStatus.Code
	return code == http.StatusTooManyRequests || code >= http.StatusInternalServerError ||
		apierrors.IsTimeout(err) || quotaConflict(err) || warmingUp(err)
}

// warmingUp tells of an API server that has just started: until its caches are filled, admission refuses what it cannot
// judge yet, in words that only differ from a real refusal by their end (k8s.io/apiserver/pkg/admission).
func warmingUp(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "not yet ready to handle request")
}

// quotaConflict tells of two creates that met while being counted against one ResourceQuota: the loser is told 409,
// though the object does not exist.
func quotaConflict(err error) bool {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	return ok && apierrors.IsConflict(err) && status.ErrStatus.Details != nil && status.ErrStatus.Details.Kind == "resourcequotas"
}

// tooLarge tells of an object that does not fit. The API server says so with a status of its own; when the request
// gets as far as etcd, its refusal arrives as an internal error.
func tooLarge(err error) bool {
	return apierrors.IsRequestEntityTooLargeError(err) ||
		strings.Contains(err.Error(), "etcdserver: request is too large") ||
		strings.Contains(err.Error(), "trying to send message larger than max")
}

// brokenConnection are the system's words for a connection that failed or could not be made.
var brokenConnection = []error{
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
	io.EOF, io.ErrUnexpectedEOF,
}

func retryableTransport(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsTimeout || dns.IsTemporary
	}
	for _, broken := range brokenConnection {
		if errors.Is(err, broken) {
			return true
		}
	}
	return utilnet.IsTimeout(err) || errors.Is(err, context.DeadlineExceeded) ||
		utilnet.IsHTTP2ConnectionLost(err) || utilnet.IsProbableEOF(err)
}
