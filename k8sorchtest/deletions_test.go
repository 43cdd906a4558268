package k8sorchtest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/org/k8sorch/k8sorchtest"
)

// notes are ConfigMaps of a cluster, with one that was made and deleted before anything is listed.
func notes(t *testing.T) typedv1.ConfigMapInterface {
	t.Helper()
	api := k8sorchtest.New(t).Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace)
	makeNote(t, api, "first")
	deleteNote(t, api, "first")
	return api
}

func makeNote(t *testing.T, api typedv1.ConfigMapInterface, name string) {
	t.Helper()
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := api.Create(t.Context(), note, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func deleteNote(t *testing.T, api typedv1.ConfigMapInterface, name string) {
	t.Helper()
	if err := api.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestWatchShowsWhatWasDeletedSinceTheList has deletions come between a list and the watch that goes on from it.
func TestWatchShowsWhatWasDeletedSinceTheList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		// before comes before the list, between after it.
		before, between func(*testing.T, typedv1.ConfigMapInterface)
		want            map[string]watch.EventType
	}{
		{
			"deleted", func(t *testing.T, api typedv1.ConfigMapInterface) { makeNote(t, api, "a") },
			func(t *testing.T, api typedv1.ConfigMapInterface) { deleteNote(t, api, "a") },
			map[string]watch.EventType{"a": watch.Deleted},
		}, {
			"made and deleted", func(t *testing.T, api typedv1.ConfigMapInterface) { makeNote(t, api, "a") },
			func(t *testing.T, api typedv1.ConfigMapInterface) { makeNote(t, api, "b"); deleteNote(t, api, "b") },
			map[string]watch.EventType{"b": watch.Deleted},
		}, {
			"deleted and made again", func(t *testing.T, api typedv1.ConfigMapInterface) { makeNote(t, api, "a") },
			func(t *testing.T, api typedv1.ConfigMapInterface) { deleteNote(t, api, "a"); makeNote(t, api, "a") },
			map[string]watch.EventType{"a": watch.Added},
		}, {
			"nothing", func(t *testing.T, api typedv1.ConfigMapInterface) { makeNote(t, api, "a") },
			func(*testing.T, typedv1.ConfigMapInterface) {},
			map[string]watch.EventType{},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := notes(t)
			tt.before(t, api)
			list, err := api.List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			tt.between(t, api)
			w, err := api.Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			if d := cmp.Diff(tt.want, begins(w)); d != "" {
				t.Errorf("events at the watch's beginning (-want +got):\n%s", d)
			}
		})
	}
}

// begins returns the events that a watch begins with: the fake clientset has them ready when it returns the watch.
func begins(w watch.Interface) map[string]watch.EventType {
	events := map[string]watch.EventType{}
	for {
		select {
		case e := <-w.ResultChan():
			events[e.Object.(*corev1.ConfigMap).Name] = e.Type
		default:
			return events
		}
	}
}
