package image

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// secure keeps plain HTTP on the machine. The library would fall back to it for private addresses too, and so would a
// redirect.
type secure struct{ next http.RoundTripper }

func (s secure) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && !loopback(req.URL.Hostname()) {
		return nil, &plainError{host: req.URL.Host}
	}
	return s.next.RoundTrip(req)
}

// OnLoopback tells whether a registry, or the one that an image's reference names, is on a loopback address of this machine.
func OnLoopback(ref string) bool {
	registry, _, _ := strings.Cut(ref, "/")
	host, _, err := net.SplitHostPort(registry)
	if err != nil {
		host = strings.Trim(registry, "[]")
	}
	return loopback(host)
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, section 6.3
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// plainError is a request that would have left the machine unencrypted.
type plainError struct{ host string }

func (e *plainError) Error() string {
	return fmt.Sprintf("refusing plain http to %s, which is not a loopback address", e.host)
}

// meter reports the bytes of one attempt to push. The library's own progress may write to a channel it has closed, since
// a request's body may be read after the request has ended.
type meter struct {
	next   http.RoundTripper
	image  string
	report Report

	mu              sync.Mutex
	complete, total int64
	stopped         bool
}

func (m *meter) RoundTrip(req *http.Request) (*http.Response, error) {
	if uploads := req.Method == http.MethodPatch || req.Method == http.MethodPut; uploads && req.ContentLength > 0 {
		m.add(0, req.ContentLength)
		req = req.Clone(req.Context())
		req.Body = &meteredBody{ReadCloser: req.Body, meter: m}
	}
	return m.next.RoundTrip(req)
}

func (m *meter) add(complete, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return
	}
	m.complete += complete
	m.total += total
	m.report.send(Progress{Phase: Pushing, Image: m.image, Complete: m.complete, Total: m.total})
}

// stop makes sure that nothing is reported once the attempt is over.
func (m *meter) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
}

type meteredBody struct {
	io.ReadCloser
	meter *meter
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.meter.add(int64(n), 0)
	}
	return n, err
}
