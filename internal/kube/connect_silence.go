package kube

import (
	"context"
	"io"
	"net/http"
	"time"
)

// watchSilence is how long a watch may show nothing. The API server sends a bookmark about every minute
// (defaultBookmarkFrequency in k8s.io/apiserver/pkg/storage/cacher), so that one which is silent for longer does not come
// through any more, though its connection seems to stand: a proxy may keep it open that has lost the other side. It is
// taken up again where it was, which costs one request where it was only quiet.
const watchSilence = 2 * time.Minute

// silenceLimit cuts watches that show nothing for too long. Logs may be silent for as long as they like.
type silenceLimit struct {
	next  http.RoundTripper
	limit time.Duration
}

// RoundTrip implements http.RoundTripper.
func (s silenceLimit) RoundTrip(r *http.Request) (*http.Response, error) {
	if !watches(r) {
		return s.next.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	timer := time.AfterFunc(s.limit, cancel)
	resp, err := s.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		timer.Stop()
		cancel()
		return nil, err
	}
	resp.Body = heardBody{limitedBody: limitedBody{ReadCloser: resp.Body, cancel: cancel}, timer: timer, limit: s.limit}
	return resp, nil
}

// WrappedRoundTripper lets apimachinery find the transport underneath.
func (s silenceLimit) WrappedRoundTripper() http.RoundTripper { return s.next }

// heardBody puts the limit off each time that something is heard.
type heardBody struct {
	limitedBody
	timer *time.Timer
	limit time.Duration
}

// Read implements io.Reader.
func (b heardBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.timer.Reset(b.limit)
	}
	return n, err
}

// Close implements io.Closer.
func (b heardBody) Close() error {
	b.timer.Stop()
	return b.limitedBody.Close()
}

var _ io.ReadCloser = heardBody{}
