package process

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// deadline is the time at which a child is ended that has not ended by itself. The process that started the child keeps
// it, as the kubelet does for a pod (k8s.io/kubernetes/pkg/kubelet/active_deadline.go), so that a step which hears
// nothing is bounded too.
type deadline struct {
	passed <-chan time.Time // nil, from which nothing ever comes, when there is no deadline
	timer  *time.Timer
}

func newDeadline(limit time.Duration) deadline {
	if limit <= 0 {
		return deadline{}
	}
	timer := time.NewTimer(limit)
	return deadline{passed: timer.C, timer: timer}
}

func (d deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// deadlineOf returns the deadline that the child did not meet; 0 where it did.
func (c *Cluster) deadlineOf(ch *child, late bool) time.Duration {
	if !late {
		return 0
	}
	return c.config.Deadline(ch.step)
}

// overdue says how an attempt ended that had passed its deadline. What it reported then speaks of the symptoms only.
func (e evidence) overdue(reported *record.End) record.End {
	end := record.End{Outcome: record.Failed, Reason: "DeadlineExceeded", ExitCode: e.exit.code,
		Message: fmt.Sprintf("the process was active longer than its deadline of %s", e.deadline)}
	if reported == nil {
		return e.withTail(end)
	}
	end.Permanent = reported.Permanent
	end.Message += "; the step reported: " + reported.Message
	return end
}
