package pipeline_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	pipeline "github.com/org/k8sorch"
)

// troubledAPI answers once with each of these, and then with an empty list.
type troubledAPI struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*http.Response, error)
}

// RoundTrip implements http.RoundTripper.
func (a *troubledAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.answers) == 0 {
		return answer(http.StatusOK, "")(r)
	}
	next := a.answers[0]
	a.answers = a.answers[1:]
	return next(r)
}

func answer(status int, retryAfter string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode: status, Status: http.StatusText(status), Request: r, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"kind": "CronJobList", "apiVersion": "batch/v1", "items": []}`)),
		}
		if retryAfter != "" {
			resp.Header.Set("Retry-After", retryAfter)
		}
		return resp, nil
	}
}

func TestCallsThatAreNotServedAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &troubledAPI{answers: []func(*http.Request) (*http.Response, error){
			answer(http.StatusTooManyRequests, "1"),
			answer(http.StatusInternalServerError, ""),
			func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNRESET },
		}}
		var told []string
		o := pipeline.NewOrchestrator(pipeline.Config{Namespace: "ml"},
			pipeline.WithRESTConfig(&rest.Config{Host: "http://api", Transport: api}),
			pipeline.WithEvents(func(e pipeline.Event) {
				if e.Kind == pipeline.CallRepeated {
					told = append(told, e.State+" "+e.Message)
				}
			}))
		if _, err := o.Schedules(t.Context()); err != nil {
			t.Fatal(err)
		}
		const call = "GET /apis/batch/v1/namespaces/ml/cronjobs: "
		want := []string{"Throttled " + call + "Too Many Requests", "Failed " + call + "Internal Server Error", "Failed " + call + "connection reset by peer"}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}
