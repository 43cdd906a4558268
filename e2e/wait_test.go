package e2e

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// resource is a namespaced part of a typed client, such as BatchV1().Jobs(namespace).
type resource[L runtime.Object] interface {
	List(context.Context, metav1.ListOptions) (L, error)
	Watch(context.Context, metav1.ListOptions) (watch.Interface, error)
}

// waitFor watches the named object until done says so, and returns it as it is then. It fails the test when that takes
// longer than patience.
func waitFor[T runtime.Object, L runtime.Object](t *testing.T, r resource[L], name string, done func(T) bool) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	only := fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = only
			return r.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = only
			return r.Watch(ctx, options)
		},
	}
	var want T
	event, err := watchtools.UntilWithSync(ctx, source, want, nil, func(event watch.Event) (bool, error) {
		object, ok := event.Object.(T)
		return ok && event.Type != watch.Deleted && done(object), nil
	})
	if err != nil {
		t.Fatalf("waiting for %T %s: %v", want, name, err)
	}
	return event.Object.(T)
}
