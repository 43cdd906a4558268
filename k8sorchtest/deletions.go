package k8sorchtest

import (
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	ktesting "k8s.io/client-go/testing"
)

// deletion is an object that was deleted, and the resource version that lists had then. The fake clientset counts no
// deletion as a change, so a list before it and one after it may have the same.
type deletion struct {
	resource schema.GroupVersionResource
	object   metav1.Object
	version  int64
}

// noteDeletion keeps an object that is about to be deleted.
//
// A watch of the fake clientset begins with what was made or changed since the list before it, and not with what was
// deleted since: who lists, then watches, would take such an object for one that is there, for ever. The fake clientset
// carries out one call at a time, reactors included, so nothing comes between a deletion and its note, or between the
// beginning of a watch and what is repeated for it.
func (c *Cluster) noteDeletion(action ktesting.Action) (handled bool, _ runtime.Object, _ error) {
	named, ok := action.(ktesting.DeleteAction)
	if !ok {
		return false, nil, nil
	}
	// One that is not there is for the deletion itself to tell of.
	if object, err := c.client.Tracker().Get(action.GetResource(), action.GetNamespace(), named.GetName()); err == nil {
		err = c.keepDeleted(action.GetResource(), object)
		return err != nil, nil, err
	}
	return false, nil, nil
}

func (c *Cluster) keepDeleted(resource schema.GroupVersionResource, object runtime.Object) error {
	about, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	version, err := c.versionOf(resource, object, about.GetNamespace())
	if err != nil {
		return err
	}
	c.deletions = append(c.deletions, deletion{resource, about, version})
	return nil
}

// versionOf returns the resource version that a list would have now of objects such as this one.
func (c *Cluster) versionOf(resource schema.GroupVersionResource, object runtime.Object, namespace string) (int64, error) {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return 0, err
	}
	list, err := c.client.Tracker().List(resource, kinds[0], namespace)
	if err != nil {
		return 0, err
	}
	about, err := meta.ListAccessor(list)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(about.GetResourceVersion(), 10, 64)
}

// watch begins a watch, and repeats the deletions since the list that its resource version is from. One whose object was
// made again since is left out: the watch shows the new one.
func (c *Cluster) watch(action ktesting.Action) (handled bool, _ watch.Interface, _ error) {
	begun, ok := action.(ktesting.WatchActionImpl)
	if !ok {
		return false, nil, nil
	}
	resource, namespace := action.GetResource(), action.GetNamespace()
	w, err := c.client.Tracker().Watch(resource, namespace, begun.ListOptions)
	events, ok := w.(*watch.RaceFreeFakeWatcher)
	if err != nil || !ok || begun.ListOptions.ResourceVersion == "" {
		return true, w, err
	}
	since, err := strconv.ParseInt(begun.ListOptions.ResourceVersion, 10, 64)
	if err != nil {
		return true, nil, err
	}
	missed := slices.DeleteFunc(slices.Clone(c.deletions), func(d deletion) bool {
		_, err := c.client.Tracker().Get(d.resource, d.object.GetNamespace(), d.object.GetName())
		elsewhere := d.resource != resource || namespace != metav1.NamespaceAll && namespace != d.object.GetNamespace()
		return elsewhere || d.version < since || err == nil
	})
	for _, d := range missed {
		events.Delete(d.object.(runtime.Object))
	}
	return true, w, nil
}
