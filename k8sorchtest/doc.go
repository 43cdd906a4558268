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
// A fake clientset knows nothing of admission, scheduling, quotas or garbage collection: what depends on them is to be
// tested on a real cluster. One thing that it lacks is added here: a watch that goes on from a list shows what was deleted
// in between, as that of an API server does.
package k8sorchtest
