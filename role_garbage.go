package pipeline

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/org/k8sorch/internal/reexec"
)

// How much garbage the process of an orchestrator lets gather, in percent of what it uses. Go's own 100 would double the memory of
// a process that has little to do.
const (
	orchestratorGC = 20
	// beginningGC is for one that takes in what there is of its run, which is much to do at once. It lasts for a moment, and costs
	// the more memory the nearer the run is to its end.
	beginningGC = 50
)

// boundGarbage sets how much garbage this process lets gather, if that is its own to set.
func boundGarbage(ctx context.Context, percent int) {
	if ownsGarbage(ctx, os.Getenv("GOGC")) {
		debug.SetGCPercent(percent)
	}
}

// ownsGarbage tells whether nobody else has a say in how much garbage this process lets gather: its environment, in GOGC, or
// those who have other things to do in it.
func ownsGarbage(ctx context.Context, gogc string) bool {
	_, several := reexec.FromContext(ctx)
	return !several && gogc == ""
}
