package kube

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// watch answers a watch that goes wrong after a while, if only by the outage.
func (l *line) watch(r *http.Request, fault string) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	resp, err := l.server.RoundTrip(r.WithContext(ctx))
	if err != nil || resp.StatusCode != http.StatusOK {
		cancel()
		return resp, err
	}
	b := &faultyBody{ReadCloser: resp.Body, asked: r.Context(), cancel: cancel, fault: fault}
	switch begins := time.Until(l.begins); {
	case fault != "":
		b.after(l.between(time.Second, time.Minute))
	case begins > 0:
		b.fault = "cut"
		b.after(begins)
	}
	resp.Body = b
	return resp, nil
}

// faultyBody is a watch that goes wrong.
type faultyBody struct {
	io.ReadCloser

	// asked is the context of the request.
	asked  context.Context
	cancel context.CancelFunc
	fault  string
	timer  *time.Timer

	mu    sync.Mutex
	wrong bool
}

// after makes it go wrong after a while.
func (b *faultyBody) after(d time.Duration) {
	b.timer = time.AfterFunc(d, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wrong = true
		b.cancel()
	})
}

// Read implements io.Reader.
func (b *faultyBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.mu.Lock()
	wrong := b.wrong
	b.wrong = b.wrong && b.fault != "410 later"
	b.mu.Unlock()
	switch {
	case !wrong:
		return n, err
	case b.fault == "stall":
		<-b.asked.Done()
		return 0, b.asked.Err()
	case b.fault == "410 later":
		const expired = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}}` + "\n"
		return copy(p, expired), nil
	}
	return 0, io.ErrUnexpectedEOF
}

// Close implements io.Closer.
func (b *faultyBody) Close() error {
	if b.timer != nil {
		b.timer.Stop()
	}
	b.cancel()
	return b.ReadCloser.Close()
}
