package pipeline

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/org/k8sorch/internal/reexec"
)

// beginningGC is [orchestratorGC] for one that takes in what there is of its run: of a large one, that is much to do at once. It
// lasts for a moment, and the nearer the run is to its end, the more memory it costs.
const beginningGC = 35

// orchestratorGC is how much garbage the process of an orchestrator lets gather, in percent of what it uses. Go's own 100 would
// double the memory of a process that has little to do. Runs of up to 1,000 steps use so little that they can have twice the 20 of
// the largest ones, for less work.
func orchestratorGC(steps int) int { return 20 + 20*1000/max(steps, 1000) }

// boundGarbage sets how much garbage this process lets gather, if that is its own to set.
func boundGarbage(ctx context.Context, percent int) {
	if ownsProcess(ctx, os.Getenv("GOGC")) {
		debug.SetGCPercent(percent)
	}
}

// boundCPUs has this process use one CPU at a time, if that is its own to set: a step takes an orchestrator some 2 ms. By default
// Go would use all that the node has, which wake each other at each event, collect garbage side by side, and have memory each. It is
// for the time after the beginning: one that has to take in a large run first is the sooner at work the more it has.
func boundCPUs(ctx context.Context) {
	if ownsProcess(ctx, os.Getenv("GOMAXPROCS")) {
		runtime.GOMAXPROCS(1)
	}
}

// ownsProcess tells whether nobody else has a say in what this process takes of its node: its environment, in this variable of
// the Go runtime, or those who have other things to do in it.
func ownsProcess(ctx context.Context, variable string) bool {
	_, several := reexec.FromContext(ctx)
	return !several && variable == ""
}
