package e2e

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// object is what trails are made of.
type object interface {
	runtime.Object
	metav1.Object
}

// trail is everything that has happened to the objects of one kind in a namespace since the trail began, in the API
// server's order. It begins with those that were there.
type trail[T object] struct {
	// list returns the objects that are there now.
	list    func(context.Context) (runtime.Object, error)
	mu      sync.Mutex
	changes []change[T]
	grown   chan struct{}
}

// change is one thing that happened to an object.
type change[T object] struct {
	kind   watch.EventType
	object T
}

// follow begins a trail. It goes on until the test ends.
func follow[T object, L runtime.Object](t *testing.T, r resource[L]) *trail[T] {
	t.Helper()
	tr := &trail[T]{grown: make(chan struct{}), list: func(ctx context.Context) (runtime.Object, error) {
		return r.List(ctx, metav1.ListOptions{})
	}}
	there, version, err := tr.now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tr.compare(there)
	source := &cache.ListWatch{WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		return r.Watch(ctx, options)
	}}
	go tr.keep(t.Context(), source, version)
	return tr
}

// keep adds what happens from a version on. An API server that was started again has forgotten what was before, and then
// what happened in between is read off the objects that are there.
func (tr *trail[T]) keep(ctx context.Context, source cache.WatcherWithContext, version string) {
	for ctx.Err() == nil {
		watcher, err := watchtools.NewRetryWatcherWithContext(ctx, version, source)
		if err != nil {
			// There is no such version.
			panic(err)
		}
		for event := range watcher.ResultChan() {
			if o, ok := event.Object.(T); ok {
				tr.add(change[T]{event.Type, o})
			}
		}
		// It ends with ctx at the latest.
		_ = wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
			there, now, err := tr.now(ctx)
			if err == nil {
				tr.compare(there)
				version = now
			}
			return err == nil, nil
		})
	}
}

// compare adds what has become of the objects since the last change.
func (tr *trail[T]) compare(there []T) {
	known := map[types.UID]T{}
	for _, c := range tr.all() {
		if known[c.object.GetUID()] = c.object; c.kind == watch.Deleted {
			delete(known, c.object.GetUID())
		}
	}
	for _, o := range there {
		before, was := known[o.GetUID()]
		delete(known, o.GetUID())
		switch {
		case !was:
			tr.add(change[T]{watch.Added, o})
		case before.GetResourceVersion() != o.GetResourceVersion():
			tr.add(change[T]{watch.Modified, o})
		}
	}
	for _, gone := range known {
		tr.add(change[T]{watch.Deleted, gone})
	}
}

// now returns the objects that are there, and the version of the list of them.
func (tr *trail[T]) now(ctx context.Context) (there []T, version string, err error) {
	list, err := tr.list(ctx)
	if err != nil {
		return nil, "", err
	}
	err = meta.EachListItem(list, func(o runtime.Object) error {
		there = append(there, o.(T))
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	of, err := meta.ListAccessor(list)
	if err != nil {
		return nil, "", err
	}
	return there, of.GetResourceVersion(), nil
}

func (tr *trail[T]) add(c change[T]) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.changes = append(tr.changes, c)
	close(tr.grown)
	tr.grown = make(chan struct{})
}

func (tr *trail[T]) read() (changes []change[T], grown <-chan struct{}) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.changes), tr.grown
}

// all returns what has happened so far.
func (tr *trail[T]) all() []change[T] {
	changes, _ := tr.read()
	return changes
}

// until waits until done says that enough has happened.
func (tr *trail[T]) until(t *testing.T, what string, done func([]change[T]) bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		changes, grown := tr.read()
		if done(changes) {
			return
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("waiting until %s: it does not happen", what)
		}
	}
}

// catchUp waits until the trail knows the objects as they are now.
func (tr *trail[T]) catchUp(t *testing.T) {
	t.Helper()
	there, _, err := tr.now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tr.until(t, "the trail has caught up", func(changes []change[T]) bool {
		known := map[string]bool{}
		for _, c := range changes {
			known[c.object.GetResourceVersion()] = true
		}
		return !slices.ContainsFunc(there, func(o T) bool { return !known[o.GetResourceVersion()] })
	})
}

// first waits for the first change that fits.
func (tr *trail[T]) first(t *testing.T, what string, fits func(change[T]) bool) change[T] {
	t.Helper()
	var found change[T]
	tr.until(t, what, func(changes []change[T]) bool {
		i := slices.IndexFunc(changes, fits)
		if i >= 0 {
			found = changes[i]
		}
		return i >= 0
	})
	return found
}

// last returns the last state of each object that there was, also of those that are gone.
func (tr *trail[T]) last(keep func(T) bool) []T {
	states := map[types.UID]T{}
	for _, c := range tr.all() {
		if keep(c.object) {
			states[c.object.GetUID()] = c.object
		}
	}
	return slices.SortedFunc(maps.Values(states), func(a, b T) int {
		return a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time)
	})
}

// untilGone waits until every object that fits is gone again, of which there has been one at least.
func (tr *trail[T]) untilGone(t *testing.T, what string, fits func(T) bool) {
	t.Helper()
	tr.until(t, what+" are gone", func(changes []change[T]) bool {
		there, seen := map[types.UID]bool{}, false
		for _, c := range changes {
			if !fits(c.object) {
				continue
			}
			seen = true
			if there[c.object.GetUID()] = true; c.kind == watch.Deleted {
				delete(there, c.object.GetUID())
			}
		}
		return seen && len(there) == 0
	})
}

// version is when, in the revisions of the cluster's store, a change took place. Where all kinds of objects are in one
// etcd, this orders changes of different kinds without a clock.
func (c change[T]) version(t *testing.T) uint64 {
	t.Helper()
	v, err := strconv.ParseUint(c.object.GetResourceVersion(), 10, 64)
	if err != nil {
		t.Fatalf("reading the resource version of %s: %v", c.object.GetName(), err)
	}
	return v
}
