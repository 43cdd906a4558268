package kube

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/org/k8sorch/internal/engine"
)

// frame is one event of a watch as it is sent.
type frame struct {
	Type   string `json:"type"`
	Object any    `json:"object"`
}

// streamingAPI answers watches as API servers do that stream the first view, which client-go's fake does not: with what
// there is, a bookmark, and what comes through later. It knows no lists.
func streamingAPI(t *testing.T, pods []frame, later <-chan frame) kubernetes.Interface {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("sendInitialEvents") != "true" || r.URL.Query().Get("resourceVersion") != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		out := json.NewEncoder(w)
		send := func(f frame) {
			if err := out.Encode(f); err != nil {
				t.Error(err)
			}
			w.(http.Flusher).Flush()
		}
		end := metav1.ObjectMeta{ResourceVersion: "600", Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"}}
		if !strings.HasSuffix(r.URL.Path, "/pods") {
			send(frame{"BOOKMARK", &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: end}})
			<-r.Context().Done()
			return
		}
		for _, f := range pods {
			send(f)
		}
		send(frame{"BOOKMARK", &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: end}})
		for {
			select {
			case f := <-later:
				send(f)
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	client, err := kubernetes.NewForConfigAndClient(&rest.Config{Host: server.URL}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func podFrame(kind string, pod *corev1.Pod) frame {
	pod.APIVersion, pod.Kind = "v1", "Pod"
	return frame{kind, pod}
}

func TestWatchOfAStreamedFirstView(t *testing.T) {
	t.Parallel()
	foreign := stepPod("load", 3, func(pod *corev1.Pod) { pod.OwnerReferences = nil })
	later := make(chan frame)
	client := streamingAPI(t, []frame{
		podFrame("ADDED", stepPod("load", 2)), podFrame("ADDED", stepPod("load", 1, withPhase(corev1.PodRunning), withStatus(MainContainer, runningState()))),
		podFrame("ADDED", foreign),
	}, later)
	c := NewCluster(client, testRef(), testPlan(), Options{})
	changes := make(chan string, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := c.Watch(ctx, func(step string) { changes <- step }); err != nil {
		t.Fatal(err)
	}
	want := []engine.Sighting{
		{Attempt: 1, UID: "load-1", Phase: engine.Running, Started: startTime},
		{Attempt: 2, UID: "load-2", Phase: engine.Waiting, Reason: "Pending"},
	}
	if diff := cmp.Diff(want, c.View("load").Sightings); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
	// What this process knew already, in a version that the first view has gone past.
	c.pods.wrote(c.readPod(stepPod("train", 1)))
	if got := c.View("train").Sightings; len(got) != 0 {
		t.Errorf("sightings %+v of a pod that was gone when the view was taken", got)
	}
	later <- podFrame("DELETED", stepPod("load", 1, func(pod *corev1.Pod) { pod.ResourceVersion = "601" }))
	until(t, changes, "load", func() bool { return len(c.View("load").Sightings) == 1 })
}
