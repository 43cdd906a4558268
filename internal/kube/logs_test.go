package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// node answers for one pod: its status, and its log, a request after the other.
type node struct {
	mu sync.Mutex
	// status is the answer to reading the pod.
	code   int
	status string
	// logs are the answers to reading the log; the last one stays.
	logs []func(*http.Request) *http.Response
	// asked are the queries of the requests for the log.
	asked []string
}

const (
	podRuns  = `{"kind":"Pod","apiVersion":"v1","status":{"phase":"Running","containerStatuses":[{"name":"main","state":{"running":{}}}]}}`
	podEnded = `{"kind":"Pod","apiVersion":"v1","status":{"phase":"Running","containerStatuses":[{"name":"main","state":{"terminated":{}}}]}}`
)

// client returns a client for which the node is the whole cluster; it needs no sockets, so that it fits in a bubble.
func (n *node) client(t *testing.T) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "http://node", Transport: n, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// RoundTrip implements http.RoundTripper.
func (n *node) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !strings.HasSuffix(r.URL.Path, "/log") {
		return reply(n.code, n.status)(r), nil
	}
	n.asked = append(n.asked, r.URL.Query().Get("follow")+" "+r.URL.Query().Get("sinceTime"))
	next := n.logs[0]
	if len(n.logs) > 1 {
		n.logs = n.logs[1:]
	}
	return next(r), nil
}

func reply(code int, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response { return response(r, code, strings.NewReader(body)) }
}

func response(r *http.Request, code int, body io.Reader) *http.Response {
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(body), Request: r}
}

// broken answers with a body that breaks off.
func broken(body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		return response(r, 200, io.MultiReader(strings.NewReader(body), failing{io.ErrUnexpectedEOF}))
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// hanging answers with a body that has something to say and then nothing more, until the request ends.
func hanging(body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		return response(r, 200, io.MultiReader(strings.NewReader(body), stuck{r.Context()}))
	}
}

type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func status(code int, reason, message string) string {
	return fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","code":%d,"reason":%q,"message":%q}`, code, reason, message)
}

// read follows the log of pod "p" until its end, or ctx's, and returns its lines, or why it may not be read.
func (n *node) read(ctx context.Context, t *testing.T) (lines []string, unreadable error) {
	t.Helper()
	follower := NewLogFollower(n.client(t), "team", 1, LogSink{
		Line:       func(_, line string) { lines = append(lines, line) },
		Unreadable: func(_ string, err error) { unreadable = err },
	})
	follower.Running(ctx, "p")
	follower.Wait()
	return lines, unreadable
}

func TestLogFollowerReadsEachLineOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &node{code: 200, status: podRuns}
		const (
			first  = "2026-01-01T00:00:01.1Z one\n2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:02.5Z two\n"
			second = "2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:02.7Z three\n"
		)
		n.logs = []func(*http.Request) *http.Response{
			reply(400, status(400, "BadRequest", `container "main" in pod "p" is waiting to start: ContainerCreating`)),
			broken(first + "2026-01-01T00:00:02.5Z tw"),
			reply(500, status(500, "InternalError", "no route to the node")),
			func(r *http.Request) *http.Response {
				n.status = podEnded // n is locked while it answers
				return reply(200, second)(r)
			},
			reply(200, "2026-01-01T00:00:02.7Z three\n2026-01-01T00:00:03Z \n2026-01-01T00:00:03Z last"),
		}
		got, err := n.read(t.Context(), t)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"one", "two", "two", "two", "three", "", "last"}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		want := []string{"true ", "true ", "true 2026-01-01T00:00:02Z", "true 2026-01-01T00:00:02Z", "true 2026-01-01T00:00:02Z"}
		if diff := cmp.Diff(want, n.asked); diff != "" {
			t.Errorf("requests, follow and sinceTime (-want +got):\n%s", diff)
		}
	})
}

// The kubelet ends a stream when it has rotated the log, and shows the new file only from then on: whoever comes back finds
// later lines and none that were there before, or nothing yet.
func TestLogFollowerOutlastsRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &node{code: 200, status: podRuns}
		n.logs = []func(*http.Request) *http.Response{
			reply(200, "2026-01-01T00:00:01.1Z one\n2026-01-01T00:00:01.5Z two\n"),
			reply(200, ""),
			reply(200, "2026-01-01T00:00:01.7Z two\n2026-01-01T00:00:01.8Z three\n"),
			broken("2026-01-01T00:00:01.7Z two\n2026-01-01T00:00:01.8Z three\n2026-01-01T00:00:05Z four\n2026-01-01T00:00:05.1Z fi"),
			reply(200, "2026-01-01T00:00:05.1Z five\n"),
			func(r *http.Request) *http.Response {
				n.status = podEnded // n is locked while it answers
				return reply(200, "2026-01-01T00:00:05.1Z five\n2026-01-01T00:00:09Z six\n")(r)
			},
			reply(200, "2026-01-01T00:00:09Z six\n"),
		}
		got, err := n.read(t.Context(), t)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"one", "two", "two", "three", "four", "five", "six"}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		second := func(s string) string { return "true 2026-01-01T00:00:0" + s + "Z" }
		want := []string{"true ", second("1"), second("1"), second("1"), second("5"), second("5"), second("9")}
		if diff := cmp.Diff(want, n.asked); diff != "" {
			t.Errorf("requests, follow and sinceTime (-want +got):\n%s", diff)
		}
	})
}

func TestLogFollowerIsToldOfTheEndBeforeTheLogBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &node{code: 200, status: podRuns, logs: []func(*http.Request) *http.Response{
			reply(400, status(400, "BadRequest", `container "main" in pod "p" is waiting to start: ContainerCreating`)),
			func(r *http.Request) *http.Response {
				if r.URL.Query().Get("follow") == "" {
					return reply(200, "2026-01-01T00:00:01Z one\n")(r)
				}
				return reply(200, "2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n")(r)
			},
		}}
		var lines []string
		follower := NewLogFollower(n.client(t), "team", 1, LogSink{Line: func(_, line string) { lines = append(lines, line) }})
		follower.Ended(t.Context(), "p")
		follower.Wait()
		if diff := cmp.Diff([]string{"one", "two"}, lines); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestLogFollowerOfAPodThatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := status(404, "NotFound", "no such pod")
		n := &node{code: 404, status: gone, logs: []func(*http.Request) *http.Response{reply(404, gone)}}
		if _, err := n.read(t.Context(), t); err != nil {
			t.Error(err)
		}
	})
}

func TestLogFollowerWithoutTheRight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &node{code: 200, status: podRuns, logs: []func(*http.Request) *http.Response{
			reply(403, status(403, "Forbidden", `pods "p" is forbidden: User "me" cannot get resource "pods/log" in API group "" in the namespace "team"`)),
		}}
		_, err := n.read(t.Context(), t)
		if _, ok := errors.AsType[*AccessError](err); !ok {
			t.Errorf("error %v, want an *AccessError", err)
		}
	})
}

func TestLogFollowerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &node{code: 200, status: podRuns, logs: []func(*http.Request) *http.Response{hanging("2026-01-01T00:00:01Z one\n")}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		lines, err := n.read(ctx, t)
		if diff := cmp.Diff([]string{"one"}, lines); diff != "" || err != nil {
			t.Errorf("error %v, lines (-want +got):\n%s", err, diff)
		}
	})
}

func TestTailLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const tail = "2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n"
		n := &node{logs: []func(*http.Request) *http.Response{broken(tail[:30]), reply(200, tail)}}
		got, err := TailLogs(t.Context(), n.client(t), "team", "p", 2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// A pod that was removed while its log was read has no log any more, and the step did not write that.
func TestComplaintsOfTheKubeletAreNoLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const (
			complaint = "unable to retrieve container logs for containerd://bf1eed5a"
			quoted    = "2026-01-01T00:00:01Z " + complaint
		)
		n := &node{logs: []func(*http.Request) *http.Response{reply(200, quoted+"\n"+complaint)}}
		got, err := TailLogs(t.Context(), n.client(t), "team", "p", 2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{complaint}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestLogFollowerTakesTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &node{code: 200, status: podRuns, logs: []func(*http.Request) *http.Response{hanging("2026-01-01T00:00:01Z hello\n")}}
		lines := map[string]int{}
		follower := NewLogFollower(n.client(t), "team", 2, LogSink{Line: func(pod, _ string) { lines[pod]++ }})
		for i := range 5 {
			follower.Running(t.Context(), fmt.Sprint("p", i))
			follower.Running(t.Context(), fmt.Sprint("p", i))
		}
		synctest.Wait()
		if got := len(n.asked); got != 2 {
			t.Errorf("%d logs are followed at once, want 2", got)
		}
		for i := range 6 {
			follower.Ended(t.Context(), fmt.Sprint("p", i))
		}
		n.mu.Lock()
		n.logs = []func(*http.Request) *http.Response{reply(200, "2026-01-01T00:00:01Z hello\n")}
		n.mu.Unlock()
		follower.Wait()
		if diff := cmp.Diff(map[string]int{"p0": 1, "p1": 1, "p2": 1, "p3": 1, "p4": 1, "p5": 1}, lines); diff != "" {
			t.Errorf("lines by pod (-want +got):\n%s", diff)
		}
	})
}
