// Package k8sorchtest runs whole pipelines in unit tests: on client-go's fake clientset, with pods that are runs of the
// steps' functions in the test's own process. Client, orchestrator and steps are the real ones; only the API server, the
// Job controller and the kubelet are not.
//
// The shortest test runs a pipeline and looks at its results:
//
//	run := k8sorchtest.Run(t, p, rows.Set(10))
//	report, err := score.Result(t.Context(), run)
//
// A test that expects a failure, or that looks at what ran, makes a [Cluster] first:
//
//	c := k8sorchtest.New(t, p)
//	run, err := c.Run(t.Context(), p)
//	started := c.Started()
//
// A schedule does not fire by itself: [Cluster.Fire] makes the run of one of its times, and [Cluster.Await] waits for its end.
//
// # Steps that do not do their work
//
// [Cluster.Replace] and [Return] put another function, or a value, in the place of a step's function. What is around it
// stays real: inputs are decoded, values encoded, retries spent.
//
// # Faults
//
// [Cluster.Evict], [Cluster.LoseNode] and [Cluster.DeletePod] take away a pod that runs, [Cluster.RefuseImage] and
// [Cluster.MakeUnschedulable] keep the next ones from running, [Cluster.FailCalls] makes calls of the API fail, and
// [Cluster.KillOrchestrator] ends the orchestrator, which its Job replaces. A step's function may call each of them itself.
//
// # Time
//
// In a bubble of testing/synctest time is virtual: a step that sleeps for a day, a retry an hour later and the deadline of a
// week pass at once. Make the cluster in the bubble:
//
//	synctest.Test(t, func(t *testing.T) {
//		run := k8sorchtest.Run(t, p)
//	})
//
// Functions of steps must not wait there for what is outside of the bubble, such as a connection.
//
// # Manifests
//
// [Cluster.Pods] and [Cluster.Jobs] return what was asked for. [Manifests] renders all objects of a run for a golden file.
//
// # What is not there
//
// There is no admission, scheduling, quota, garbage collection or server-side apply, and no access control: every call is
// allowed. Objects are not validated as an API server does. Volumes other than the run's own files and environment variables of
// the settings are not there for functions; a pod waits, as on a node, for a Secret or ConfigMap that a volume or a variable of its
// main container names and that is not optional. Service accounts, sidecars and init containers, resources and their limits, and
// the deadlines and grace periods of pods have no effect: a function whose context has ended cannot be killed, and is waited for.
// A pod that is deleted is gone at once. A Job has no back-off and no TTL. All steps share the process: what one sets, another sees,
// and an exit or a panic of a goroutine of its own ends the test. Of what a step writes, its log has
// progress alone; one without is "fake logs". What depends on any of that is to be tested on a real cluster.
//
// One thing that a fake clientset lacks is added: a watch that goes on from a list shows what was deleted in between, as
// that of an API server does.
package k8sorchtest
