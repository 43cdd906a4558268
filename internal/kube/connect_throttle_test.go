package kube

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// busyAPI asks for patience until a time, and then answers.
type busyAPI struct {
	after string
	until time.Time

	mu sync.Mutex
	// came are the times of the requests, by path.
	came map[string][]time.Time
}

// RoundTrip implements http.RoundTripper.
func (b *busyAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.came == nil {
		b.came = map[string][]time.Time{}
	}
	b.came[r.URL.Path] = append(b.came[r.URL.Path], time.Now())
	if time.Now().Before(b.until) && strings.HasSuffix(r.URL.Path, "/busy") {
		resp := reply(http.StatusTooManyRequests, "Too many requests, please try again later.\n")(r)
		resp.Status = "429 Too Many Requests"
		resp.Header.Set("Retry-After", b.after)
		return resp, nil
	}
	return reply(http.StatusOK, podRuns)(r), nil
}

// client-go waits ten times and gives up then. What comes after that must wait, too.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &busyAPI{after: "20", until: time.Now().Add(230 * time.Second)}
		pods := clientBy(t, b, nil).CoreV1().Pods("team")
		if _, err := pods.Get(t.Context(), "busy", metav1.GetOptions{}); !apierrors.IsTooManyRequests(err) {
			t.Fatalf("got %v, want what the server answered", err)
		}
		if _, err := pods.Get(t.Context(), "other", metav1.GetOptions{}); err != nil {
			t.Fatal(err)
		}
		if other := b.came["/api/v1/namespaces/team/pods/other"][0]; other.Sub(b.until) != -30*time.Second {
			t.Errorf("another request came %s after the last one, want at once", other.Sub(b.until)+30*time.Second)
		}
		if _, err := pods.Get(t.Context(), "busy", metav1.GetOptions{}); err != nil {
			t.Fatal(err)
		}
		came := b.came["/api/v1/namespaces/team/pods/busy"]
		if len(came) != 13 {
			t.Fatalf("%d requests, want 13", len(came))
		}
		for i := range came[1:] {
			if pause := came[i+1].Sub(came[i]); pause != 20*time.Second {
				t.Errorf("request %d came after %s, want the 20s that were asked for and not twice as many", i+1, pause)
			}
		}
	})
}

func TestRetryAfterHoldsUpNobodyWhoGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &busyAPI{after: "3600", until: time.Now().Add(24 * time.Hour)}
		pods := clientBy(t, b, nil).CoreV1().Pods("team")
		began := time.Now()
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := pods.Get(ctx, "busy", metav1.GetOptions{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the context", err)
			}
		}
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("it took %s, want a minute each", took)
		}
	})
}

func TestLongThrottlingIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		busy time.Duration
		want []string
	}{
		"for a moment": {5 * time.Second, nil},
		"for long": {25 * time.Second, []string{
			`it has answered nothing but "429 Too Many Requests" for 10s, at last to GET /api/v1/namespaces/team/pods/busy`,
			`it has answered nothing but "429 Too Many Requests" for 20s, at last to GET /api/v1/namespaces/team/pods/busy`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var told []string
				b := &busyAPI{after: "1", until: time.Now().Add(test.busy)}
				pods := clientBy(t, b, func(text string) { told = append(told, text) }).CoreV1().Pods("team")
				err := persist(t.Context(), func(ctx context.Context) error {
					_, err := pods.Get(ctx, "busy", metav1.GetOptions{})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, told); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
			})
		})
	}
}
