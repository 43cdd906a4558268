package k8sorchtest

import (
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	ktesting "k8s.io/client-go/testing"
)

// identify gives every new object what an API server gives it and the fake clientset does not.
func (c *Cluster) identify(action ktesting.Action) (handled bool, _ runtime.Object, _ error) {
	create, ok := action.(ktesting.CreateAction)
	if !ok {
		return false, nil, nil
	}
	object, err := meta.Accessor(create.GetObject())
	if err != nil {
		return false, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.uids++
	object.SetUID(types.UID(fmt.Sprintf("00000000-0000-4000-8000-%012d", c.uids)))
	object.SetCreationTimestamp(metav1.NewTime(time.Now().Truncate(time.Second)))
	switch made := object.(type) {
	case *corev1.Pod:
		c.made = append(c.made, made.DeepCopy())
	case *batchv1.Job:
		c.jobs = append(c.jobs, made.DeepCopy())
	}
	return false, nil, nil
}

// answer answers requests that make no object: one may do whatever one asks about, and gets a token for whatever service account,
// since this cluster forbids nothing.
func answer(action ktesting.Action) (handled bool, _ runtime.Object, _ error) {
	create, ok := action.(ktesting.CreateAction)
	if !ok {
		return false, nil, nil
	}
	switch asked := create.GetObject().(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		asked = asked.DeepCopy()
		asked.Status.Allowed = true
		return true, asked, nil
	case *authenticationv1.TokenRequest:
		asked = asked.DeepCopy()
		asked.Status.Token = "token"
		return true, asked, nil
	}
	return false, nil, nil
}

// serve calls handle for each event of a watch until the test ends.
func (c *Cluster) serve(w watch.Interface, handle func(watch.Event)) {
	c.work.Go(func() {
		defer w.Stop()
		for {
			select {
			case <-c.tb.Context().Done():
				return
			case e := <-w.ResultChan():
				handle(e)
			}
		}
	})
}

// maxUnread is how many events a watch may be behind. One of client-go's fake ends the process when it is 100 behind
// (k8s.io/apimachinery/pkg/watch.DefaultChanSize), which a hundred steps that start at once can bring about before whoever
// watches them comes to read.
const maxUnread = 1 << 12

func init() { watch.DefaultChanSize = max(watch.DefaultChanSize, maxUnread) }
