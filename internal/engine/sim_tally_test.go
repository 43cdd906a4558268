package engine_test

import (
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"
)

// fault is a kind of thing that goes wrong in a simulated run.
type fault string

const (
	callDropped     fault = "a call fails and has no effect"
	callDelayed     fault = "a call takes more than a second"
	answerLost      fault = "an answer is lost after the call took effect"
	callRepeated    fault = "a call is made again"
	callLate        fault = "a call takes effect after it was given up"
	outage          fault = "the API server is out of reach"
	quotaRefusal    fault = "a start is refused for want of quota"
	finalRefusal    fault = "a start is refused for good"
	newsDelayed     fault = "a watch lags"
	watchCut        fault = "a watch is cut, and lists anew"
	viewBlind       fault = "a view lacks pods that exist"
	viewStale       fault = "a view goes back to former pods"
	orchestratorEnd fault = "the orchestrator is killed"
	rivalBoot       fault = "a second orchestrator starts beside the first"
	podEvicted      fault = "a pod is evicted"
	podGone         fault = "a pod is gone without an end"
	nodeLost        fault = "a node is lost: its pod stays Running for long, then is gone"
	podForced       fault = "a pod on a lost node is deleted by force; in the third world its process goes on"
	podDeleted      fault = "a pod is deleted by somebody while it runs"
	podCollected    fault = "a pod is collected after its end, seen or not"
	podStuck        fault = "a pod does not start"
	lateRecord      fault = "a process commits after its pod is gone and its attempt closed"
	stopRequest     fault = "a stop is asked for"
	drainRequest    fault = "a drain is asked for"
	runDeletion     fault = "the run is deleted"
)

// everyFault are the faults that many random runs must have tried, or they show less than they say.
func everyFault() []fault {
	return []fault{
		callDropped, callDelayed, answerLost, callRepeated, callLate, outage, quotaRefusal, finalRefusal, newsDelayed, watchCut, viewBlind,
		viewStale, orchestratorEnd, rivalBoot, podEvicted, podGone, nodeLost, podForced, podDeleted, podCollected, podStuck, lateRecord, stopRequest,
		drainRequest, runDeletion,
	}
}

// tally counts what simulated runs have tried.
type tally struct {
	schedules, points, violations int
	faults                        map[fault]int
}

// add counts the schedule of a world that has come to its end.
func (t *tally) add(w *world) {
	t.schedules++
	t.points += w.visited
	if w.problem != nil {
		t.violations++
	}
	if t.faults == nil {
		t.faults = map[fault]int{}
	}
	for f, n := range w.tried {
		t.faults[f] += n
	}
}

// report is what the tests of this process have tried: random runs, and small ones with a kill at each point in turn.
type report struct {
	mu            sync.Mutex
	began         time.Time
	random, small tally
	seeds         int
}

// figures are printed at the end with -report.
var figures = report{began: time.Now()}

// ofRandom counts one seed's worlds.
func (r *report) ofRandom(worlds ...*world) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seeds++
	for _, w := range worlds {
		r.random.add(w)
	}
}

func (r *report) ofSmall(w *world) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.small.add(w)
}

// write writes the figures as a table.
func (r *report) write(to io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(n any, what string) { _, _ = fmt.Fprintf(table, "%v\t  %s\n", n, what) }
	row(r.seeds, "seeds")
	row(r.random.schedules+r.small.schedules, "schedules run")
	row(r.random.schedules, "of them random")
	row(r.small.schedules, "of them small graphs, with a kill or a second orchestrator at each point in turn")
	row(r.random.points+r.small.points, "crash points passed")
	row(r.random.faults[orchestratorEnd]+r.small.faults[orchestratorEnd], "crashes at one of them")
	for _, f := range everyFault() {
		row(r.random.faults[f]+r.small.faults[f], "times "+string(f))
	}
	row(r.random.violations+r.small.violations, "violations")
	row(time.Since(r.began).Round(100*time.Millisecond), "taken")
	_ = table.Flush()
}
