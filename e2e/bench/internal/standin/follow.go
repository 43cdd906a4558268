package standin

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// watcher is the part of a client that watches objects of one kind.
type watcher interface {
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

// follow tells of the objects that a bare watch shows to have come, until it is told that this is enough. Where the API server
// ends the watch, as it does when a busy machine lets the reader fall behind, another goes on from what was seen last.
func follow(ctx context.Context, of watcher, selector metav1.ListOptions, tell func(metav1.Object) bool) error {
	for more := true; more; {
		shown, err := of.Watch(ctx, selector)
		if err == nil {
			selector.ResourceVersion, more, err = read(ctx, shown, selector.ResourceVersion, tell)
		}
		if err != nil {
			return fmt.Errorf("watching %s: %w", selector.LabelSelector, err)
		}
	}
	return nil
}

// read tells of what one watch shows. It returns the version seen last, and whether more is wanted.
func read(ctx context.Context, shown watch.Interface, seen string, tell func(metav1.Object) bool) (last string, more bool, err error) {
	defer shown.Stop()
	for {
		select {
		case <-ctx.Done():
			return seen, false, context.Cause(ctx)
		case event, open := <-shown.ResultChan():
			object, ok := event.Object.(metav1.Object)
			switch {
			case !open:
				return seen, true, nil
			case !ok:
				return seen, false, apierrors.FromObject(event.Object)
			}
			seen = object.GetResourceVersion()
			if event.Type == watch.Added && !tell(object) {
				return seen, false, nil
			}
		}
	}
}
