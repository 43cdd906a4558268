package kube

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
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
	cut := new(atomic.Bool)
	timer := time.AfterFunc(s.limit, func() {
		cut.Store(true)
		cancel()
	})
	resp, err := s.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		timer.Stop()
		cancel()
		if cut.Load() {
			err = fmt.Errorf("the API server did not answer a watch within %s", s.limit)
		}
		return nil, err
	}
	resp.Body = heardBody{limitedBody: limitedBody{ReadCloser: resp.Body, cancel: cancel}, timer: timer, limit: s.limit, cut: cut}
	return resp, nil
}

// WrappedRoundTripper lets apimachinery find the transport underneath.
func (s silenceLimit) WrappedRoundTripper() http.RoundTripper { return s.next }

// heardBody puts the limit off each time that something is heard.
type heardBody struct {
	limitedBody

	timer *time.Timer
	limit time.Duration
	cut   *atomic.Bool
}

// Read implements io.Reader. A watch that was cut ends like one whose time is over: a reflector goes on where it was then,
// and lists everything anew after any error.
func (b heardBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case n > 0:
		b.timer.Reset(b.limit)
	case err != nil && b.cut.Load():
		err = io.EOF
	}
	return n, err
}

// Close implements io.Closer.
func (b heardBody) Close() error {
	b.timer.Stop()
	return b.limitedBody.Close()
}
