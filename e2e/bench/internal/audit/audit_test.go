package audit

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/shape"
)

// line is one of an audit log of Kubernetes 1.37, but for what is not read.
const line = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete",` +
	`"requestURI":"/api/v1/namespaces/bench/pods/step-1-1-0a/status","verb":"patch",` +
	`"user":{"username":"system:serviceaccount:bench:x","groups":["system:serviceaccounts"]},` +
	`"objectRef":{"resource":"pods","namespace":"bench","name":"step-1-1-0a","apiVersion":"v1","subresource":"status"},` +
	`"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-02T03:04:05.000006Z"}` + "\n"

func at(ms int) time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6000+ms*1_000_000, time.UTC) }

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := parse([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	want := Request{
		User: "system:serviceaccount:bench:x", Verb: "patch", Resource: "pods/status", Namespace: "bench", Name: "step-1-1-0a",
		Code: http.StatusOK, Received: at(0),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if _, err := parse([]byte(line[:100])); err == nil {
		t.Error("half a line was read")
	}
}

// TestUntilReadsWhatIsBeingWritten has the last line come in two parts.
func TestUntilReadsWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	named := func(name string) string { return fmt.Sprintf(`{"verb":"get","objectRef":{"name":%q}}`+"\n", name) }
	write := func(text string) {
		if _, err := file.WriteString(text); err != nil {
			t.Error(err)
		}
	}
	write(named("before"))
	log, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	write(named("one") + named("two") + named("mark") + named("three"))
	until := func(name string) (names []string) {
		requests, err := log.Until(t.Context(), func(r Request) bool { return r.Name == name })
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			names = append(names, r.Name)
		}
		return names
	}
	if diff := cmp.Diff([]string{"one", "two"}, until("mark")); diff != "" {
		t.Errorf("until the mark (-want +got):\n%s", diff)
	}
	second := named("second mark")
	write(second[:10])
	go write(second[10:])
	if diff := cmp.Diff([]string{"three"}, until("second mark")); diff != "" {
		t.Errorf("until the second mark (-want +got):\n%s", diff)
	}
}

func chain(t *testing.T) shape.Shape {
	t.Helper()
	s, err := shape.Parse("chain:3")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestByRecords(t *testing.T) {
	t.Parallel()
	pods, records := map[string]string{}, map[string]string{}
	var requests []Request
	create := func(ms int, resource, name string, code int) {
		requests = append(requests, Request{Verb: "create", Resource: resource, Name: name, Code: code, Received: at(ms)})
	}
	for i := range 3 {
		step := fmt.Sprintf("step-%d", i)
		pods["pod-"+step], records["record-"+step] = step, step
	}
	create(0, "pods", "pod-step-0", http.StatusTooManyRequests)
	create(10, "pods", "pod-step-0", http.StatusCreated)
	create(20, "configmaps", "record-step-0", http.StatusCreated)
	create(23, "pods", "pod-step-1", http.StatusGatewayTimeout)
	create(24, "pods", "pod-step-1", http.StatusConflict)
	create(30, "configmaps", "record-step-1", http.StatusCreated)
	create(31, "configmaps", "record-of-another", http.StatusCreated)
	requests = append(requests, Request{Verb: "patch", Resource: "pods/status", Name: "pod-step-1", Code: http.StatusOK, Received: at(33)})
	create(35, "pods", "pod-step-2", http.StatusCreated)
	times := ByRecords(requests, pods, records)
	if diff := cmp.Diff([]string{"step-2"}, times.Missing(chain(t))); diff != "" {
		t.Errorf("without its end (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]time.Duration{3 * time.Millisecond, 5 * time.Millisecond}, times.Dispatches(chain(t))); diff != "" {
		t.Errorf("dispatches (-want +got):\n%s", diff)
	}
	if from, to := times.Span(); !from.Equal(at(10)) || !to.Equal(at(30)) {
		t.Errorf("span from %s to %s", from, to)
	}
	if got := times.FirstStart(at(10)); !got.Equal(at(23)) {
		t.Errorf("the first start after that of step 0 is at %s, want that of step 1", got)
	}
	if got := times.FirstStart(at(35)); !got.IsZero() {
		t.Errorf("there is a start after the last one, at %s", got)
	}
}

func TestByJobs(t *testing.T) {
	t.Parallel()
	var requests []Request
	for i, ms := range []int{0, 100} {
		job := fmt.Sprintf("step-%d", i)
		requests = append(requests,
			Request{Verb: "create", Resource: "jobs", Name: job, Code: http.StatusCreated, Received: at(ms)},
			Request{Verb: "create", Resource: "pods", Name: job + "-x7k2p", Code: http.StatusCreated, Received: at(ms + 1)},
			Request{Verb: "patch", Resource: "pods/status", Name: job + "-x7k2p", Code: http.StatusOK, Received: at(ms + 2)},
			Request{Verb: "patch", Resource: "pods/status", Name: job + "-x7k2p", Code: http.StatusOK, Received: at(ms + 40)},
			Request{Verb: "patch", Resource: "pods", Name: job + "-x7k2p", Code: http.StatusOK, Received: at(ms + 50)},
		)
	}
	times := ByJobs(requests)
	if diff := cmp.Diff([]string{"step-2"}, times.Missing(chain(t))); diff != "" {
		t.Errorf("neither begun nor ended (-want +got):\n%s", diff)
	}
	s := chain(t)
	s.Steps = s.Steps[:2]
	if diff := cmp.Diff([]time.Duration{60 * time.Millisecond}, times.Dispatches(s)); diff != "" {
		t.Errorf("dispatches (-want +got):\n%s", diff)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	got := Count([]Request{
		{User: "me", Verb: "create", Resource: "pods", Code: http.StatusCreated},
		{User: "me", Verb: "create", Resource: "pods", Code: http.StatusTooManyRequests},
		{User: "you", Verb: "create", Resource: "pods", Code: http.StatusCreated},
		{User: "me", Verb: "watch", Resource: "pods", Begins: true},
		{User: "me", Verb: "watch", Resource: "pods"},
		{User: "me", Verb: "get", Resource: "jobs", Code: http.StatusOK},
	}, "me")
	want := Counts{Calls: map[string]int{"create pods": 2, "get jobs": 1}, Watches: map[string]int{"watch pods": 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got.Total() != 3 {
		t.Errorf("%d calls, want 3", got.Total())
	}
}
