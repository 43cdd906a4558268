package kube

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

// callTimeout is how long a call may take that is no stream. The API server gives up after 60 s (its
// --request-timeout); whoever waits a little longer gets its words.
const callTimeout = 70 * time.Second

// tune returns a copy of the config with what it leaves open set on purpose.
func tune(given *rest.Config, userAgent string, warn func(string), trouble func(Trouble)) *rest.Config {
	c := rest.CopyConfig(given)
	if c.QPS == 0 && c.RateLimiter == nil {
		// The API server shares itself out fairly; the client's own default of 5 requests a second would only delay.
		c.QPS = -1
	}
	if c.ContentType == "" {
		c.ContentType = runtime.ContentTypeProtobuf
		c.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	}
	if c.UserAgent == "" {
		c.UserAgent = userAgent
	}
	if c.WarningHandler == nil && c.WarningHandlerWithContext == nil {
		c.WarningHandlerWithContext = warnings(warn)
	}
	limit := callTimeout
	if c.Timeout > 0 {
		// rest.Config's own timeout would cut watches and logs as well.
		limit, c.Timeout = c.Timeout, 0
	}
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return timeLimit{next: next, limit: limit} })
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return silenceLimit{next: next, limit: watchSilence} })
	if trouble != nil {
		c.Wrap(func(next http.RoundTripper) http.RoundTripper { return troubleTap{next: next, tell: trouble} })
	}
	// The last one is the outermost: a request that waits for its time does not use up its time limit.
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return newThrottle(next, warn) })
	return c
}

// warnings passes the API server's warnings on; client-go would print them to the user's standard error.
type warnings func(string)

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext. Code 299 is the only one the API server
// sends.
func (w warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _ string, text string) {
	if w != nil && code == 299 && text != "" {
		w(text)
	}
}

// timeLimit bounds every call but those that stream.
type timeLimit struct {
	next  http.RoundTripper
	limit time.Duration
}

// RoundTrip implements http.RoundTripper.
func (t timeLimit) RoundTrip(r *http.Request) (*http.Response, error) {
	if streams(r) {
		return t.next.RoundTrip(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.limit)
	resp, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = limitedBody{ReadCloser: resp.Body, cancel: cancel}
	return resp, nil
}

// WrappedRoundTripper lets apimachinery find the transport underneath.
func (t timeLimit) WrappedRoundTripper() http.RoundTripper { return t.next }

// limitedBody ends the call's time limit when the answer has been read.
type limitedBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (b limitedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// streams tells of calls that last as long as there is something to say: watches, and logs.
func streams(r *http.Request) bool {
	return watches(r) || strings.HasSuffix(r.URL.Path, "/log")
}

func watches(r *http.Request) bool {
	watch, _ := strconv.ParseBool(r.URL.Query().Get("watch"))
	return watch
}
