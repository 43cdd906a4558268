package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

var buildService = sync.OnceValues(func() (string, error) { return build("..", "./examples/11-service") })

// service is a process of the service.
type service struct {
	*client
	url string
}

// serve starts a process of the service, and waits until it listens.
func (s *scene) serve(t *testing.T, registry string) *service {
	t.Helper()
	c := start(t, command{program: built(t, buildService), args: []string{
		"-address", "127.0.0.1:0", "-kubeconfig", s.kubeconfig, "-namespace", s.namespace, "-registry", registry,
	}})
	c.stderr.waitFor(t, `"listening"`, "}\n")
	var said struct{ Address string }
	if err := json.NewDecoder(strings.NewReader(c.stderr.String())).Decode(&said); err != nil {
		t.Fatalf("reading where the service listens: %v", err)
	}
	return &service{c, "http://" + said.Address}
}

// call makes a request and decodes the answer.
func (s *service) call(t *testing.T, method, path, body string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	// A step that waits for quota asks for it once a minute in the end.
	impatient := http.Client{Timeout: 2 * patience}
	answer, err := impatient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode < http.StatusMultipleChoices {
		err = json.Unmarshal(text, into)
	}
	if err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		t.Errorf("%s %s: %s, %v: %s", method, path, answer.Status, err, text)
	}
}

// submit begins a run that scores so many rows.
func (s *service) submit(t *testing.T, rows int) string {
	t.Helper()
	var made struct{ ID string }
	s.call(t, http.MethodPost, "/runs", fmt.Sprintf(`{"rows": %d}`, rows), &made)
	return made.ID
}

// submitAtOnce begins n runs, the first with one row, and each with one more than the one before.
func (s *service) submitAtOnce(t *testing.T, n int) []string {
	t.Helper()
	ids := make([]string, n)
	var submitting sync.WaitGroup
	for i := range ids {
		submitting.Go(func() { ids[i] = s.submit(t, i+1) })
	}
	submitting.Wait()
	return ids
}

// list returns the ids of the runs, sorted.
func (s *service) list(t *testing.T) (ids []string) {
	t.Helper()
	var list struct{ Runs []pipeline.RunInfo }
	s.call(t, http.MethodGet, "/runs", "", &list)
	for _, run := range list.Runs {
		ids = append(ids, run.ID)
	}
	slices.Sort(ids)
	return ids
}

// wantScore waits for the end of a run, which is to have succeeded with the mean of the whole numbers below rows.
func (s *service) wantScore(t *testing.T, id string, rows int) {
	t.Helper()
	var run struct {
		pipeline.Run
		Score float64
	}
	s.call(t, http.MethodGet, "/runs/"+id+"?wait", "", &run)
	if want := float64(rows-1) / 2; run.ID != id || run.Outcome != pipeline.Succeeded || run.Score != want {
		t.Errorf("run %s: %+v, want it to have succeeded with the score %v", id, run, want)
	}
}

// events follows a run from where it stands. What has come once the returned function returns is all that comes.
func (s *service) events(t *testing.T, id string) (all func() string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/runs/"+id+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	heard, over := newTranscript(), make(chan error, 1)
	go func() {
		defer answer.Body.Close()
		_, err := io.Copy(heard, answer.Body)
		over <- err
	}()
	heard.waitFor(t, "event: step")
	return func() string {
		if err := <-over; err != nil {
			t.Errorf("the stream of events ended with %v", err)
		}
		return heard.String()
	}
}

// TestRunsOutliveTheService submits ten runs at once to the service, ends it while they go on, and finds all of them by another
// process of it. A quota holds their steps back meanwhile. The image is pushed once, for all of that.
func TestRunsOutliveTheService(t *testing.T) {
	t.Parallel()
	const runs = 10
	s := newScene(t)
	registry := s.countPushes(t)
	s.limitPods(t, runs)
	first := s.serve(t, registry.address)
	ids := first.submitAtOnce(t, runs)
	all := first.events(t, ids[0])
	s.orchestrated(t, runs)
	if err := first.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	first.wantExit(t, cli.ExitSucceeded)
	if heard := all(); strings.Contains(heard, "event: end") || s.jobs.last(isFinished) != nil {
		t.Fatalf("a run has ended before the service did: this shows nothing\n%s", heard)
	}

	second := s.serve(t, registry.address)
	if diff := cmp.Diff(slices.Sorted(slices.Values(ids)), second.list(t)); diff != "" {
		t.Fatalf("runs after the restart (-want +got):\n%s", diff)
	}
	if err := s.client.CoreV1().ResourceQuotas(s.namespace).Delete(t.Context(), fewPods, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	ids = append(ids, second.submit(t, runs+1))
	var waiting sync.WaitGroup
	for i, id := range ids {
		waiting.Go(func() { second.wantScore(t, id, i+1) })
	}
	waiting.Wait()
	s.wantStepsOnce(t, ids, "load", "score")
	if got := registry.manifests(); got != 1 {
		t.Errorf("the image was pushed %d times, want once", got)
	}
}

// orchestrated waits until so many orchestrators run.
func (s *scene) orchestrated(t *testing.T, n int) {
	t.Helper()
	s.pods.until(t, fmt.Sprintf("%d orchestrators run", n), func([]change[*corev1.Pod]) bool {
		return len(s.pods.last(func(pod *corev1.Pod) bool { return isOrchestrator(pod) && pod.Status.Phase == corev1.PodRunning })) == n
	})
}

// wantStepsOnce fails the test unless the runs, and no others, have had one pod for each of their steps.
func (s *scene) wantStepsOnce(t *testing.T, runs []string, steps ...string) {
	t.Helper()
	s.catchUp(t)
	want, got := map[string][]string{}, map[string][]string{}
	for _, run := range runs {
		want[run] = steps
	}
	for _, job := range s.jobs.last(func(*batchv1.Job) bool { return true }) {
		got[job.Name] = nil
	}
	for _, pod := range s.pods.last(isAnyStep) {
		run := pod.Labels[labelRun]
		got[run] = append(got[run], pod.Labels[labelStep])
		slices.Sort(got[run])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps of the runs' pods (-want +got):\n%s", diff)
	}
}
