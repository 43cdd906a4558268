package kube

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// throttlePatience is how long the API server may keep asking for patience before people are told, and how long they are
// told nothing more after that. The API server's own priority and fairness asks for one second at a time
// (k8s.io/apiserver/pkg/server/filters, priority-and-fairness.go), and a busy one does so now and then.
const throttlePatience = 10 * time.Second

// throttle keeps to what the API server says by Retry-After: a request is not sent again before that time has passed, by
// whomever. client-go waits by itself, but for ten times only; the loop around it, and others that ask for the same, would
// come back too early. Nobody sees client-go wait, so throttle is also what tells people.
type throttle struct {
	next http.RoundTripper
	warn func(string)

	mu sync.Mutex
	// until are the times before which requests of a kind are not sent.
	until map[string]time.Time
	// since is when the server began to ask for patience; zero while it does not. told is when that was last told.
	since, told time.Time
}

func newThrottle(next http.RoundTripper, warn func(string)) *throttle {
	return &throttle{next: next, warn: warn, until: map[string]time.Time{}}
}

// RoundTrip implements http.RoundTripper.
func (t *throttle) RoundTrip(r *http.Request) (*http.Response, error) {
	kind := kindOf(r)
	if err := t.wait(r.Context(), kind); err != nil {
		if r.Body != nil {
			err = errors.Join(err, r.Body.Close())
		}
		return nil, err
	}
	resp, err := t.next.RoundTrip(r)
	if err == nil {
		t.note(kind, resp)
	}
	return resp, err
}

// WrappedRoundTripper lets apimachinery find the transport underneath.
func (t *throttle) WrappedRoundTripper() http.RoundTripper { return t.next }

// kindOf says which requests are the same to the one who asks for patience: those to do the same with the same object, or
// to make one in the same collection.
func kindOf(r *http.Request) string {
	return r.Method + " " + r.URL.Path + " " + strconv.FormatBool(watches(r))
}

// wait returns when a request of the kind may be sent. The time may be put off meanwhile.
func (t *throttle) wait(ctx context.Context, kind string) error {
	for {
		t.mu.Lock()
		left := time.Until(t.until[kind])
		t.mu.Unlock()
		if left <= 0 {
			return nil
		}
		sleep(ctx, nil, left)
		if ctx.Err() != nil {
			return fmt.Errorf("waiting until the API server may be asked again, as it wants: %w", context.Cause(ctx))
		}
	}
}

// note takes in what an answer says about the next request.
func (t *throttle) note(kind string, resp *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	after, asked := retryAfter(resp)
	if !asked {
		// What is asked of one request holds, though another one that was under way is answered after that.
		maps.DeleteFunc(t.until, func(_ string, until time.Time) bool { return !until.After(now) })
		t.since = time.Time{}
		return
	}
	if until := now.Add(after); until.After(t.until[kind]) {
		t.until[kind] = until
	}
	t.complain(now, resp)
}

// complain tells people when the server has asked for patience for long.
func (t *throttle) complain(now time.Time, resp *http.Response) {
	if t.since.IsZero() {
		t.since = now
	}
	if t.warn == nil || now.Sub(t.since) < throttlePatience || now.Sub(t.told) < throttlePatience {
		return
	}
	t.told = now
	t.warn(fmt.Sprintf("it has answered nothing but %q for %s, at last to %s %s", resp.Status, now.Sub(t.since).Round(time.Second),
		resp.Request.Method, resp.Request.URL.Path))
}

// retryAfter returns for how long an answer asks for patience.
func retryAfter(resp *http.Response) (after time.Duration, asked bool) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < http.StatusInternalServerError {
		return 0, false
	}
	// The API server gives whole seconds; client-go, too, knows nothing else.
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second, err == nil && seconds > 0
}
