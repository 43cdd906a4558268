package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// apiServer is an API server in memory, for one namespace. It is the transport of its clients, so that it has no sockets
// and its time is that of a bubble. It keeps all changes in the order of their revisions, as etcd does.
type apiServer struct {
	mu sync.Mutex
	// changes are all that ever happened; the revision of a change is its index plus one.
	changes []change
	// objects are the last changes of all objects that exist, by resource and name.
	objects map[string]change
	// changed is closed by the next change.
	changed chan struct{}
	// compacted is the revision up to which changes are forgotten.
	compacted int
	// streams tells that the first view can be streamed, which came with Kubernetes 1.32.
	streams bool
	// made is told of each pod.
	made func(*corev1.Pod)
	// left is told of each pod that is to go.
	left func(*corev1.Pod)
}

// change is what happened to one object at one revision.
type change struct {
	revision int
	kind     apiwatch.EventType
	resource string
	object   apiObject
	at       time.Time
}

func newAPIServer() *apiServer {
	s := &apiServer{objects: map[string]change{}, changed: make(chan struct{}), made: func(*corev1.Pod) {}, left: func(*corev1.Pod) {}}
	s.put(apiwatch.Added, "jobs", orchestratorJob())
	return s
}

// clientBy returns a client like those of programs, whose requests pass a transport.
func clientBy(t *testing.T, transport http.RoundTripper, warn func(string)) kubernetes.Interface {
	t.Helper()
	given := &rest.Config{Host: "http://api", Transport: transport, ContentConfig: rest.ContentConfig{ContentType: runtime.ContentTypeJSON}}
	client, err := kubernetes.NewForConfig(tune(given, "test", warn, nil))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// put makes a change; the lock is held, or nobody else is there yet.
func (s *apiServer) put(kind apiwatch.EventType, resource string, object apiObject) apiObject {
	c := change{revision: len(s.changes) + 1, kind: kind, resource: resource, object: object, at: time.Now()}
	object.SetResourceVersion(fmt.Sprint(c.revision))
	s.changes = append(s.changes, c)
	key := resource + "/" + object.GetName()
	s.objects[key] = c
	if kind == apiwatch.Deleted {
		delete(s.objects, key)
	}
	close(s.changed)
	s.changed = make(chan struct{})
	return object
}

// edit changes a pod, unless it is gone.
func (s *apiServer) edit(pod *corev1.Pod, change func(*corev1.Pod)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there, ok := s.objects["pods/"+pod.Name]
	if !ok || there.object.GetUID() != pod.UID {
		return
	}
	edited := there.object.(*corev1.Pod).DeepCopy()
	change(edited)
	if edited.DeletionTimestamp != nil && isTerminal(edited) {
		s.put(apiwatch.Deleted, "pods", edited)
		return
	}
	s.put(apiwatch.Modified, "pods", edited)
}

// RoundTrip implements http.RoundTripper.
func (s *apiServer) RoundTrip(r *http.Request) (*http.Response, error) {
	_, path, _ := strings.Cut(r.URL.Path, "/namespaces/team/")
	resource, name, _ := strings.Cut(path, "/")
	if watches(r) {
		return s.watch(r, resource)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == http.MethodPost:
		return s.create(r, resource)
	case r.Method == http.MethodDelete:
		return s.remove(r, resource, name)
	case name != "":
		there, ok := s.objects[resource+"/"+name]
		if !ok {
			return refuseWith(r, apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)), nil
		}
		return answerWith(r, there.object), nil
	}
	return answerWith(r, s.list(r, resource)), nil
}

func (s *apiServer) create(r *http.Request, resource string) (*http.Response, error) {
	object := newObject(resource)
	if err := json.NewDecoder(r.Body).Decode(object); err != nil {
		return nil, err
	}
	if _, exists := s.objects[resource+"/"+object.GetName()]; exists {
		return refuseWith(r, apierrors.NewAlreadyExists(schema.GroupResource{Resource: resource}, object.GetName())), nil
	}
	object.SetUID(types.UID(fmt.Sprint("uid-", len(s.changes)+1)))
	object.SetNamespace("team")
	pod, isPod := object.(*corev1.Pod)
	if isPod {
		pod.Status.Phase = corev1.PodPending
	}
	s.put(apiwatch.Added, resource, object)
	if isPod {
		s.made(pod)
	}
	return answerWith(r, object), nil
}

// remove deletes what has ended at once; a pod that runs has its grace first.
func (s *apiServer) remove(r *http.Request, resource, name string) (*http.Response, error) {
	var options metav1.DeleteOptions
	if err := json.NewDecoder(r.Body).Decode(&options); err != nil {
		return nil, err
	}
	there, ok := s.objects[resource+"/"+name]
	switch only := options.Preconditions; {
	case !ok:
		return refuseWith(r, apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)), nil
	case only != nil && *only.UID != there.object.GetUID():
		return refuseWith(r, apierrors.NewConflict(schema.GroupResource{Resource: resource}, name, fmt.Errorf("the UID does not match"))), nil
	}
	object := there.object.DeepCopyObject().(apiObject)
	object.SetDeletionTimestamp(new(metav1.Now()))
	if pod, isPod := object.(*corev1.Pod); isPod && !isTerminal(pod) {
		s.put(apiwatch.Modified, resource, object)
		s.left(pod)
	} else {
		s.put(apiwatch.Deleted, resource, object)
	}
	return answerWith(r, object), nil
}

func (s *apiServer) list(r *http.Request, resource string) runtime.Object {
	pods, records := &corev1.PodList{}, &corev1.ConfigMapList{}
	for _, c := range s.objects {
		if c.resource != resource || !selects(r, c.object) {
			continue
		}
		switch object := c.object.(type) {
		case *corev1.Pod:
			pods.Items = append(pods.Items, *object)
		case *corev1.ConfigMap:
			records.Items = append(records.Items, *object)
		}
	}
	pods.ResourceVersion, records.ResourceVersion = fmt.Sprint(len(s.changes)), fmt.Sprint(len(s.changes))
	if resource == "pods" {
		return pods
	}
	return records
}

func newObject(resource string) apiObject {
	switch resource {
	case "pods":
		return &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}}
	case "jobs":
		return &batchv1.Job{}
	}
	return &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}}
}

func selects(r *http.Request, object apiObject) bool {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	return err == nil && selector.Matches(labels.Set(object.GetLabels()))
}

func answerWith(r *http.Request, object any) *http.Response {
	body, err := json.Marshal(object)
	if err != nil {
		return refuseWith(r, apierrors.NewInternalError(err))
	}
	return respond(r, http.StatusOK, io.NopCloser(bytes.NewReader(body)))
}

func refuseWith(r *http.Request, refusal *apierrors.StatusError) *http.Response {
	refusal.ErrStatus.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	body, err := json.Marshal(refusal.ErrStatus)
	if err != nil {
		body = nil
	}
	return respond(r, int(refusal.ErrStatus.Code), io.NopCloser(bytes.NewReader(body)))
}

func respond(r *http.Request, code int, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: fmt.Sprint(code, " ", http.StatusText(code)), StatusCode: code,
		Header: http.Header{"Content-Type": {runtime.ContentTypeJSON}}, Body: body, Request: r,
	}
}
