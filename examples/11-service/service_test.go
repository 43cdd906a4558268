package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scene is a cluster on which instances of the service are started.
type scene struct {
	t       *testing.T
	cluster *k8sorchtest.Cluster
	// begin lets the steps begin whose functions wait for it.
	begin chan struct{}
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, cluster: k8sorchtest.New(t, newScoring().Pipeline), begin: make(chan struct{})}
	s.cluster.Replace("load", func(ctx context.Context, rows int) ([]float64, error) {
		select {
		case <-s.begin:
			return load(ctx, rows)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	})
	return s
}

// instance is a service that listens.
type instance struct {
	t      *testing.T
	server *httptest.Server
	end    func()
}

// start starts an instance, with a pipeline of its own, as another process would have.
func (s *scene) start() *instance {
	s.t.Helper()
	p, o := newScoring(), s.cluster.Orchestrator()
	ctx, cancel := context.WithCancel(s.cluster.Context(s.t.Context()))
	handler := newService(o, p, zap.NewNop()).handler(ctx)
	server := httptest.NewUnstartedServer(handler)
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	end := sync.OnceFunc(func() {
		cancel()
		server.Close()
	})
	s.t.Cleanup(end)
	return &instance{t: s.t, server: server, end: end}
}

// call makes a request and decodes the answer, if there is to be one.
func (i *instance) call(method, path, body string, want int, into any) {
	i.t.Helper()
	r, err := http.NewRequestWithContext(i.t.Context(), method, i.server.URL+path, strings.NewReader(body))
	if err != nil {
		i.t.Error(err)
		return
	}
	answer, err := i.server.Client().Do(r)
	if err != nil {
		i.t.Error(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		i.t.Errorf("%s %s: %s, %v, want %d: %s", method, path, answer.Status, err, want, text)
		return
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		i.t.Errorf("%s %s: %v: %s", method, path, err, text)
	}
}

func (i *instance) submit(body string) string {
	i.t.Helper()
	var made struct{ ID string }
	i.call(http.MethodPost, "/runs", body, http.StatusCreated, &made)
	return made.ID
}

// list returns the ids of the runs, sorted.
func (i *instance) list() (ids []string) {
	i.t.Helper()
	var list struct{ Runs []pipeline.RunInfo }
	i.call(http.MethodGet, "/runs", "", http.StatusOK, &list)
	for _, run := range list.Runs {
		ids = append(ids, run.ID)
	}
	slices.Sort(ids)
	return ids
}

// show returns a run as it ends.
func (i *instance) show(id string) outcome { return i.look(id, "?wait") }

func (i *instance) look(id, query string) outcome {
	i.t.Helper()
	shown := outcome{Run: &pipeline.Run{}}
	i.call(http.MethodGet, "/runs/"+id+query, "", http.StatusOK, &shown)
	return shown
}

// TestFiftyRunsOutliveTheService submits 50 runs at once, ends the service, and finds all of them by another instance.
func TestFiftyRunsOutliveTheService(t *testing.T) {
	t.Parallel()
	const runs = 50
	s := newScene(t)
	first := s.start()
	ids := make([]string, runs)
	var submitting sync.WaitGroup
	for i := range ids {
		submitting.Go(func() { ids[i] = first.submit(fmt.Sprintf(`{"rows": %d}`, i+1)) })
	}
	submitting.Wait()
	first.end()

	second := s.start()
	if diff := cmp.Diff(slices.Sorted(slices.Values(ids)), second.list()); diff != "" {
		t.Fatalf("runs after the restart (-want +got):\n%s", diff)
	}
	if run := second.look(ids[0], ""); run.ID != ids[0] || run.Outcome != "" {
		t.Errorf("run %s: %+v, want it to go on", ids[0], run)
	}
	close(s.begin)
	var waiting sync.WaitGroup
	for i, id := range ids {
		waiting.Go(func() {
			run, want := second.show(id), float64(i)/2
			if run.ID != id || run.Outcome != pipeline.Succeeded || run.Score == nil || *run.Score != want {
				t.Errorf("run %s: %+v, want it to have succeeded with the score %v", id, run, want)
			}
		})
	}
	waiting.Wait()
}

// events reads the stream of a run: the kinds of its events, and what its steps came to.
func (i *instance) events(id string, seen func()) (last string, done []string) {
	i.t.Helper()
	answer, err := i.server.Client().Get(i.server.URL + "/runs/" + id + "/events")
	if err != nil {
		i.t.Error(err)
		return "", nil
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, data, _ := strings.Cut(lines.Text(), ": ")
		if name == "event" {
			last = data
		}
		var e pipeline.Event
		if name != "data" || json.Unmarshal([]byte(data), &e) != nil {
			continue
		}
		if seen(); e.Kind == pipeline.StepChanged && e.State == "Done" {
			done = append(done, e.Step+" "+string(e.Outcome))
		}
	}
	return last, done
}

func TestEventsOfARunAreStreamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i := s.start()
	id := i.submit(`{}`)
	last, done := i.events(id, sync.OnceFunc(func() { close(s.begin) }))
	if diff := cmp.Diff([]string{"load Succeeded", "score Succeeded"}, done); diff != "" || last != "end" {
		t.Errorf("the last event is %q; steps that are done (-want +got):\n%s", last, diff)
	}
}

// TestStreamsEndWithTheService has an instance end while a run is followed. The run goes on.
func TestStreamsEndWithTheService(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i := s.start()
	id := i.submit(`{}`)
	if last, done := i.events(id, sync.OnceFunc(func() { go i.end() })); last == "end" || done != nil {
		t.Errorf("the last event is %q, and %v are done; want the stream to end before the run", last, done)
	}
	close(s.begin)
	if run := s.start().show(id); run.Outcome != pipeline.Succeeded {
		t.Errorf("the run ended as %s, want it to have gone on", run.Outcome)
	}
}

func TestRunIsStopped(t *testing.T) {
	t.Parallel()
	i := newScene(t).start()
	id := i.submit(`{"rows": 3}`)
	i.call(http.MethodPost, "/runs/"+id+"/stop", "", http.StatusAccepted, nil)
	if run := i.show(id); run.Outcome != pipeline.Stopped || run.Message != "stopped over HTTP" {
		t.Errorf("the run ended as %s (%s), want it stopped", run.Outcome, run.Message)
	}
}

func TestServiceRefuses(t *testing.T) {
	t.Parallel()
	i := newScene(t).start()
	i.call(http.MethodPost, "/runs", `{"cols": 3}`, http.StatusBadRequest, nil)
	i.call(http.MethodPost, "/runs", `rows`, http.StatusBadRequest, nil)
	i.call(http.MethodGet, "/runs/scoring-7", "", http.StatusNotFound, nil)
	i.call(http.MethodGet, "/runs/scoring-7/events", "", http.StatusNotFound, nil)
	i.call(http.MethodPost, "/runs/scoring-7/stop", "", http.StatusNotFound, nil)
	if runs := i.list(); len(runs) != 0 {
		t.Errorf("runs = %v, want none", runs)
	}
}

// TestServiceEndsWhenToldTo is about the end of the process: no request is left hanging.
func TestServiceEndsWhenToldTo(t *testing.T) {
	t.Parallel()
	p := newScoring()
	c := k8sorchtest.New(t, p.Pipeline)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := newService(c.Orchestrator(), p, zap.NewNop())
	go func() { ended <- listen(ctx, "127.0.0.1:0", s) }()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("listen() = %v, want it to end without error", err)
	}
}
