package kube

import (
	"net/http"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
)

// TestCheckAsksAServerAgainThatCannotAnswerNow fails every other call, whatever it is.
func TestCheckAsksAServerAgainThatCannotAnswerNow(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		var calls atomic.Int32
		c := api(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case calls.Add(1)%2 == 1:
				http.Error(w, "not now", code)
			case r.URL.Path == "/version":
				answer(w, 200, `{"gitVersion":"v1.37.2","platform":"linux/arm64"}`)
			default:
				answer(w, 200, `{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"team"}}`)
			}
		})
		if _, err := c.Check(t.Context()); err != nil {
			t.Errorf("after an answer with code %d: %v", code, err)
		}
		if n := calls.Load(); n != 4 {
			t.Errorf("after an answer with code %d there were %d calls, want each of two asked twice", code, n)
		}
	}
}
