package pipeline

import (
	"context"
	"fmt"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// hookWatch follows the hooks of a run on Kubernetes.
type hookWatch struct {
	run *clusterRun
	// gone is closed when the run was deleted.
	gone <-chan struct{}
	// ended is closed when end is the record of the run's end, or err why there is none.
	ended chan struct{}
	end   RunEnd
	err   error
}

func (r *clusterRun) newHookWatch(gone <-chan struct{}) *hookWatch {
	return &hookWatch{run: r, gone: gone, ended: make(chan struct{})}
}

// await waits for the record of the run's end, where the pipeline has hooks, and tells when it is there. The steps may seem
// not to be over by then: of a run that is drained, only its end tells which of them never begin.
func (w *hookWatch) await(ctx context.Context, recorded func()) {
	if len(w.run.plan.Hooks) == 0 {
		return
	}
	defer close(w.ended)
	if w.end, w.err = kube.AwaitEnd(ctx, w.run.conn.Client, w.run.ref, w.gone); w.err == nil {
		recorded()
	}
}

// watch tells what happens to the hooks until they are over or watching ends. Only the end of waiting, for which the client
// has to say that it gave up, is an error: whatever else becomes of the hooks, the run has ended.
func (w *hookWatch) watch(waiting, watching context.Context, changed func(engine.Status)) error {
	err := w.follow(watching, changed)
	if err != nil && waiting.Err() != nil {
		return err
	}
	if err != nil {
		w.run.tracker.notice(fmt.Sprintf("what becomes of the run's hooks is not known: %v", err))
	}
	w.run.tracker.tellHooks()
	return nil
}

// follow says where the hooks stand until they are over or ctx ends.
func (w *hookWatch) follow(ctx context.Context, changed func(engine.Status)) error {
	if <-w.ended; w.err != nil {
		return w.err
	}
	r := w.run
	hooks := r.plan.HooksAfter(w.end.Outcome)
	machine, err := engine.NewViewer(hooks)
	if err != nil {
		return err
	}
	r.tracker.expect(hooks)
	driver := &engine.Driver{
		Machine: machine, Logger: r.logger, Gone: w.gone, Changed: changed,
		Cluster: kube.NewCluster(r.conn.Client, r.ref, r.plan, kube.Options{Logger: r.logger, Outage: r.tellOutage}),
	}
	return driver.Run(ctx)
}
