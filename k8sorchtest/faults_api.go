package k8sorchtest

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	ktesting "k8s.io/client-go/testing"
)

// fault is an answer that the API server gives instead of the right one.
type fault struct {
	verb, resource string
	left           int
	err            error
}

// FailCalls lets the API server answer as many calls as times says with an error, from the next one on: those with the
// verb (get, list, watch, create, update, patch, delete; "*" is any) on the resource (pods, configmaps, jobs, …; "*" is
// any), whether the client makes them, the orchestrator or a step. None of them has an effect. Errors as the API server's
// are made by the package k8s.io/apimachinery/pkg/api/errors:
//
//	c.FailCalls("create", "pods", 3, apierrors.NewTooManyRequests("slow down", 1))
//	c.FailCalls("*", "configmaps", 1, apierrors.NewInternalError(errors.New("etcd has no leader")))
//	c.FailCalls("patch", "jobs", 2, apierrors.NewTimeoutError("try again", 1))
//
// Let no list and no watch fail in a bubble of testing/synctest. After one that fails, client-go pauses for a moment since the
// last such error of the process (k8s.io/apimachinery/pkg/util/runtime), by a clock that was read outside of the bubble, where it
// is years later: the call is never made again.
//
// Any other error is like one of the network. What the kit does in the place of the Job controller and the kubelet does not
// fail; [Cluster.DeletePod] makes a call like any other.
func (c *Cluster) FailCalls(verb, resource string, times int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, &fault{verb: verb, resource: resource, left: times, err: err})
}

// failCall fails a call that is to fail, and leaves the others to the next reactor.
func (c *Cluster) failCall(action ktesting.Action) (handled bool, _ runtime.Object, _ error) {
	err := c.faultOf(action)
	return err != nil, nil, err
}

func (c *Cluster) failWatch(action ktesting.Action) (handled bool, _ watch.Interface, _ error) {
	err := c.faultOf(action)
	return err != nil, nil, err
}

// faultOf returns the error with which a call is to be answered; nil when that is none.
func (c *Cluster) faultOf(action ktesting.Action) error {
	// Nobody but the kit writes a status, in the place of the Job controller and the kubelet.
	if action.GetSubresource() == "status" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		if f.left > 0 && matches(f.verb, action.GetVerb()) && matches(f.resource, action.GetResource().Resource) {
			f.left--
			return f.err
		}
	}
	return nil
}

func matches(pattern, name string) bool { return pattern == "*" || pattern == name }
