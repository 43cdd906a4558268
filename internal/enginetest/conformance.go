package enginetest

import (
	"testing"

	"github.com/org/k8sorch/internal/engine"
)

// Subject is a run on the kind of cluster that is to conform.
type Subject struct {
	// Run is the run's id.
	Run string
	// Open returns a cluster on the run that nobody watches yet. Each call returns another, as each orchestrator of the
	// run would have. The suite ends the context it watches under before the test's earlier cleanups run.
	Open func() engine.Cluster
}

// Factory makes a new run, of nothing but these steps, that has neither attempts nor records.
type Factory func(t *testing.T, steps map[string]Behaviour) Subject

// Conformance tests whether the clusters that factory makes do what the engine relies on.
func Conformance(t *testing.T, factory Factory) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Factory){
		"result":                     testResult,
		"ends":                       testEnds,
		"ends tell each other apart": testMessages,
		"start adopts":               testStartAdopts,
		"starts at once":             testStartsAtOnce,
		"next attempt":               testNextAttempt,
		"remove what runs":           testRemoveRunning,
		"remove what ended":          testRemoveEnded,
		"remove spares others":       testRemoveSparesOthers,
		"remove by force":            testForceRemove,
		"first commit stands":        testFirstCommitStands,
		"first close stands":         testFirstCloseStands,
		"confirm":                    testConfirm,
		"watch what was before":      testWatchWhatWasBefore,
		"second watcher":             testSecondWatcher,
		"changes are told":           testChangesAreTold,
		"views are copies":           testViewsAreCopies,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, factory)
		})
	}
}
