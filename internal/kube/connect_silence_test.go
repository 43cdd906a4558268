package kube

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/pause"
)

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSilentWatchIsCut(t *testing.T) {
	t.Parallel()
	for name, api := range map[string]roundTrip{
		"after it began": func(r *http.Request) (*http.Response, error) { return hanging("")(r), nil },
		"before it began": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				w, err := clientBy(t, api, nil).CoreV1().Pods("team").Watch(t.Context(), metav1.ListOptions{})
				if err == nil {
					for range w.ResultChan() {
						continue
					}
				}
				if took := time.Since(began); took != watchSilence {
					t.Errorf("it was cut after %s, want %s", took, watchSilence)
				}
			})
		})
	}
}

// The proxy has lost the API server and keeps the first watch of pods open.
func TestSilentWatchIsTakenUpWhereItWas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFaults(newAPIServer(), 1, 0)
		line, stalled := f.line(), false
		client := clientBy(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if doing(r) == "watch pods" && r.URL.Query().Get("sendInitialEvents") == "" && !stalled {
				stalled = true
				return hanging("")(r), nil
			}
			return line.RoundTrip(r)
		}), nil)
		c := NewCluster(client, testRef(), testPlan(), Options{})
		ctx, cancel := context.WithCancel(t.Context())
		changes := make(chan string, 10)
		if err := c.Watch(ctx, func(step string) { changes <- step }); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := client.CoreV1().Pods("team").Create(ctx, stepPod("load", 1), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if step := <-changes; step != "load" || time.Since(began) > watchSilence+time.Second {
			t.Errorf("step %s changed after %s, want load soon after %s", step, time.Since(began), watchSilence)
		}
		if got := f.asked["list pods"]; got != 1 {
			t.Errorf("the pods were listed %d times, want once", got)
		}
		cancel()
		time.Sleep(pause.Max)
	})
}

func TestWatchThatIsHeardOfIsNotCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newAPIServer()
		began, minutes := time.Now(), int64(9)
		w, err := clientBy(t, server, nil).CoreV1().Pods("team").Watch(t.Context(),
			metav1.ListOptions{ResourceVersion: "1", AllowWatchBookmarks: true, TimeoutSeconds: new(60*minutes + 30)})
		if err != nil {
			t.Fatal(err)
		}
		var heard int64
		for range w.ResultChan() {
			heard++
		}
		if took := time.Since(began); heard != minutes || took != 9*time.Minute+30*time.Second {
			t.Errorf("%d bookmarks in %s, want %d until the time is over that was asked for", heard, took, minutes)
		}
	})
}

func TestSilentLogIsNotCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := clientBy(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			sleep(r.Context(), nil, time.Hour)
			return reply(http.StatusOK, "a line\n")(r), nil
		}), nil)
		stream, err := client.CoreV1().Pods("team").GetLogs("p", &corev1.PodLogOptions{Follow: true}).Stream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if got, err := io.ReadAll(stream); err != nil || string(got) != "a line\n" {
			t.Errorf("the log has %q, %v", got, err)
		}
	})
}
