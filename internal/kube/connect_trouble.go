package kube

import "net/http"

// Trouble is a call to the API server that was not served, and will be made again by whoever needs it.
type Trouble struct {
	// Method is that of HTTP, and Path names what was asked for.
	Method, Path string
	// Throttled tells that the API server asked for patience; otherwise it gave no answer, or had an error of its own.
	Throttled bool
	// Message is what it answered, or why there is no answer.
	Message string
}

// troubleTap tells of the calls that are not served. Calls that their caller gave up are none of them.
type troubleTap struct {
	next http.RoundTripper
	tell func(Trouble)
}

// RoundTrip implements http.RoundTripper.
func (t troubleTap) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	trouble := Trouble{Method: r.Method, Path: r.URL.Path}
	switch {
	case err != nil && r.Context().Err() == nil:
		trouble.Message = err.Error()
	case err != nil:
		return resp, err
	default:
		_, trouble.Throttled = retryAfter(resp)
		if !trouble.Throttled && resp.StatusCode < http.StatusInternalServerError {
			return resp, err
		}
		trouble.Message = resp.Status
	}
	t.tell(trouble)
	return resp, err
}

// WrappedRoundTripper lets apimachinery find the transport underneath.
func (t troubleTap) WrappedRoundTripper() http.RoundTripper { return t.next }
