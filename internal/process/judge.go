package process

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

// evidence is all that is left of an attempt that is over.
type evidence struct {
	id     attempt.ID
	report []byte         // what it wrote as its report
	record *record.Result // the step's result record, whosever it is
	exit   *exit          // nil when nobody was there to see it
	told   bool           // it was told to terminate
	tail   string         // the last that it printed
	// deadline is the one at which it was told to terminate; 0 when that is not why.
	deadline time.Duration
}

// exit is how a process ended.
type exit struct {
	code   int
	signal syscall.Signal // 0 when it exited by itself
}

func newExit(state *os.ProcessState) *exit {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return &exit{signal: status.Signal()}
	}
	return &exit{code: state.ExitCode()}
}

// judge says how an attempt ended: by its report, by its record, or else by what became of the process. Success needs
// one of the first two.
func judge(e evidence) record.Report {
	r, err := attempt.ParseReport(e.report, e.id)
	own := e.record != nil && e.record.UID == e.id.UID
	switch {
	case e.deadline > 0 && r.Result == nil && !own:
		return record.Report{End: new(e.overdue(r.End))}
	case err == nil && r.End != nil && e.exit != nil:
		r.End.ExitCode = e.exit.code
		return r
	case err == nil:
		return r
	case own:
		return record.Report{Result: e.record, Recorded: true}
	}
	return record.Report{End: new(e.withTail(e.unreported()))}
}

// withTail adds to an end the last that the process printed, where it left no words of its own.
func (e evidence) withTail(end record.End) record.End {
	if e.tail != "" {
		end.Message += "; the last it printed:\n" + e.tail
	}
	return end
}

// unreported says how an attempt ended that left neither a report nor a record.
func (e evidence) unreported() record.End {
	switch {
	case e.exit == nil:
		return record.End{Outcome: record.Lost, Reason: "Abandoned",
			Message: "the process that ran the pipeline ended, and this attempt with it, before it had a result"}
	case e.told:
		return record.End{Outcome: record.Lost, Reason: "Terminated", ExitCode: e.exit.code,
			Message: fmt.Sprintf("the process was told to terminate and %s without a report", e.exit)}
	case e.exit.signal != 0:
		return e.exit.killed()
	case e.exit.code == attempt.ExitLost:
		return record.End{Outcome: record.Lost, Reason: "ExitCode", ExitCode: e.exit.code,
			Message: fmt.Sprintf("the process %s, which says that the attempt was lost, and left no report", e.exit)}
	case e.exit.code == 0:
		return record.End{Outcome: record.Failed, Reason: "NoResult",
			Message: fmt.Sprintf("the process %s and left neither a result nor a report; "+
				"something called os.Exit(0), or main returned, before the step did", e.exit)}
	}
	return record.End{Outcome: record.Failed, Reason: "ExitCode", ExitCode: e.exit.code, Message: exitMessage(e.exit.code)}
}

func exitMessage(code int) string {
	const panicked = 2 // what the Go runtime exits with, see package runtime's GOTRACEBACK
	if code == panicked {
		return "the process exited with code 2 and left no report; Go programs end so when a goroutine other than the step's own panics"
	}
	return fmt.Sprintf("the process exited with code %d and left no report; something called os.Exit(%[1]d)", code)
}

// killed says how an attempt ended that a signal ended. Signals that others send take it away; the remaining ones come
// from what the process itself did.
func (x exit) killed() record.End {
	sent := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}
	switch {
	case x.signal == syscall.SIGKILL:
		return record.End{Outcome: record.Lost, Reason: "Killed",
			Message: fmt.Sprintf("the process %s; somebody sent it, or the kernel because memory ran out, "+
				"which cannot be told apart from here (dmesg has the kernel's word)", x)}
	case slices.Contains(sent, x.signal):
		return record.End{Outcome: record.Lost, Reason: "Killed", Message: fmt.Sprintf("the process %s, which somebody sent it", x)}
	}
	return record.End{Outcome: record.Failed, Reason: "Signal", Message: fmt.Sprintf("the process %s, which is what a crash outside Go code looks like", x)}
}

// String continues a sentence that begins with the process.
func (x exit) String() string {
	if x.signal != 0 {
		return fmt.Sprintf("was ended by signal %d (%v)", int(x.signal), x.signal)
	}
	return fmt.Sprintf("exited with code %d", x.code)
}

// overdue says how an attempt ended that had passed its deadline. What it reported then speaks of the symptoms only.
func (e evidence) overdue(reported *record.End) record.End {
	end := record.End{Outcome: record.Failed, Reason: "DeadlineExceeded", ExitCode: e.exit.code,
		Message: fmt.Sprintf("the process was active longer than its deadline of %s", e.deadline)}
	if reported == nil {
		return e.withTail(end)
	}
	end.Permanent, end.Metadata = reported.Permanent, reported.Metadata
	end.Message += "; the step reported: " + reported.Message
	return end
}
