package kube

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOnlyCallsThatWereNotServedAreTrouble(t *testing.T) {
	t.Parallel()
	gaveUp, cancel := context.WithCancel(t.Context())
	cancel()
	brokenPipe := errors.New("broken pipe")
	tests := map[string]struct {
		ctx    context.Context
		status int
		after  string
		want   []Trouble
	}{
		"served":                           {t.Context(), http.StatusOK, "", nil},
		"refused":                          {t.Context(), http.StatusForbidden, "", nil},
		"too many requests, for good":      {t.Context(), http.StatusTooManyRequests, "", nil},
		"throttled":                        {t.Context(), http.StatusTooManyRequests, "1", []Trouble{{http.MethodGet, "/pods", true, "429"}}},
		"out of order":                     {t.Context(), http.StatusBadGateway, "", []Trouble{{http.MethodGet, "/pods", false, "502"}}},
		"without an answer":                {t.Context(), 0, "", []Trouble{{http.MethodGet, "/pods", false, "broken pipe"}}},
		"given up by whoever needed it":    {gaveUp, 0, "", nil},
		"out of order, and patience asked": {t.Context(), http.StatusServiceUnavailable, "5", []Trouble{{http.MethodGet, "/pods", true, "503"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told []Trouble
			tap := troubleTap{tell: func(trouble Trouble) { told = append(told, trouble) }, next: roundTrip(func(r *http.Request) (*http.Response, error) {
				if test.status == 0 {
					return nil, brokenPipe
				}
				resp := reply(test.status, "")(r)
				resp.Status, resp.Header = strconv.Itoa(test.status), http.Header{"Retry-After": {test.after}}
				return resp, nil
			})}
			r, err := http.NewRequestWithContext(test.ctx, http.MethodGet, "http://api/pods", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tap.RoundTrip(r)
			if err == nil {
				_ = resp.Body.Close()
			}
			if diff := cmp.Diff(test.want, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}
