package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	apiwatch "k8s.io/apimachinery/pkg/watch"
)

// bookmarks is how often a quiet watch shows how far it is.
const bookmarks = time.Minute

// apiWatch is the answer to a request for a watch: what has happened since a revision, and what happens later.
type apiWatch struct {
	server   *apiServer
	request  *http.Request
	resource string
	// ends is when the time is over that the client asked for.
	ends <-chan time.Time
	// closed is closed when the client is done.
	closed chan struct{}
	once   sync.Once

	// at is the revision up to which everything is shown.
	at      int
	pending bytes.Buffer
}

func (s *apiServer) watch(r *http.Request, resource string) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	seconds, err := strconv.Atoi(query.Get("timeoutSeconds"))
	if err != nil {
		return nil, err
	}
	w := &apiWatch{server: s, request: r, resource: resource, ends: time.After(time.Duration(seconds) * time.Second), closed: make(chan struct{})}
	switch since, err := strconv.Atoi(query.Get("resourceVersion")); {
	case query.Get("sendInitialEvents") == "true" && !s.streams:
		return refuseWith(r, apierrors.NewInvalid(corev1Kind, "", field.ErrorList{field.Forbidden(field.NewPath("sendInitialEvents"), "not known")})), nil
	case query.Get("sendInitialEvents") == "true":
		w.showAll()
	case err != nil || since < s.compacted:
		return refuseWith(r, apierrors.NewResourceExpired("too old resource version")), nil
	default:
		w.at = since
	}
	return respond(r, http.StatusOK, w), nil
}

var corev1Kind = metav1.SchemeGroupVersion.WithKind("ListOptions").GroupKind()

// showAll shows what there is, and that this was all.
func (w *apiWatch) showAll() {
	for _, c := range w.server.objects {
		if c.resource == w.resource && selects(w.request, c.object) {
			w.show(apiwatch.Added, c.object)
		}
	}
	w.at = len(w.server.changes)
	w.bookmark(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
}

func (w *apiWatch) bookmark(annotations map[string]string) {
	mark := newObject(w.resource)
	mark.SetResourceVersion(fmt.Sprint(w.at))
	mark.SetAnnotations(annotations)
	w.show(apiwatch.Bookmark, mark)
}

func (w *apiWatch) show(kind apiwatch.EventType, object any) {
	// A buffer takes everything, and what is written is an object of the API.
	_ = json.NewEncoder(&w.pending).Encode(frame{string(kind), object})
}

// Read implements io.Reader.
func (w *apiWatch) Read(p []byte) (int, error) {
	for w.pending.Len() == 0 {
		more := w.catchUp()
		if w.pending.Len() > 0 {
			break
		}
		quiet := time.NewTimer(bookmarks)
		select {
		case <-more:
		case <-quiet.C:
			w.bookmark(nil)
		case <-w.ends:
			return 0, io.EOF
		case <-w.closed:
			return 0, http.ErrBodyReadAfterClose
		case <-w.request.Context().Done():
			return 0, w.request.Context().Err()
		}
		quiet.Stop()
	}
	return w.pending.Read(p)
}

// catchUp shows what has happened, and returns what is closed when there is more.
func (w *apiWatch) catchUp() <-chan struct{} {
	s := w.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.at < s.compacted {
		expired := apierrors.NewResourceExpired("too old resource version").ErrStatus
		expired.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
		w.show(apiwatch.Error, expired)
		w.at = len(s.changes)
		return s.changed
	}
	for _, c := range s.changes[w.at:] {
		if c.resource == w.resource && selects(w.request, c.object) {
			w.show(c.kind, c.object)
		}
	}
	w.at = len(s.changes)
	return s.changed
}

// Close implements io.Closer.
func (w *apiWatch) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}
