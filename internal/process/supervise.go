package process

import (
	"errors"
	"io"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/progress"
	"github.com/org/k8sorch/internal/record"
)

// supervise sees a child through to its end, which it brings about when the child is removed or the watch is over.
func (c *Cluster) supervise(ch *child, over <-chan struct{}) {
	exited, drained := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(drained)
		kept, err := keepLog(c.config.Dir, ch.key)
		c.warn("keeping the log", ch, err)
		defer kept.close()
		readLines(ch.output, func(line string) {
			kept.add(line)
			if _, said := progress.Parse(line); !said {
				ch.tail.add(line)
			}
			c.config.Output(ch.step, ch.attempt, line)
		})
	}()
	go func() {
		defer close(exited)
		_ = ch.cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	told, missed := false, time.Duration(0)
	// The process that started the child keeps its deadline, as the kubelet does for a pod
	// (k8s.io/kubernetes/pkg/kubelet/active_deadline.go), so that a step which hears nothing is bounded too.
	var passed <-chan time.Time // from which nothing ever comes when there is no deadline
	deadline := c.config.Deadline(ch.step)
	if deadline > 0 {
		passed = time.After(deadline)
	}
	select {
	case <-exited:
	case <-ch.removed:
		told = c.terminate(ch, exited)
	case <-over:
		told = c.terminate(ch, exited)
	case <-passed:
		if !isClosed(exited) && c.terminate(ch, exited) {
			missed = deadline
		}
	}
	killGroup(ch.cmd) // nothing may go on for a step that is over
	ch.drain(drained)
	c.conclude(ch, told, missed)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// terminate ends a child, gently first. It returns true: the child was told to.
func (c *Cluster) terminate(ch *child, exited <-chan struct{}) bool {
	terminateGroup(ch.cmd)
	grace := time.NewTimer(c.config.Grace)
	defer grace.Stop()
	select {
	case <-exited:
	case <-grace.C:
		killGroup(ch.cmd)
		<-exited
	}
	return true
}

// maxDrain bounds the wait for the last output of a child that has ended. It only counts when something that left the
// child's process group still holds the other end.
const maxDrain = 5 * time.Second

func (ch *child) drain(drained <-chan struct{}) {
	_ = ch.output.SetReadDeadline(time.Now().Add(maxDrain))
	<-drained
	_ = ch.output.Close()
}

// conclude keeps how a child ended and makes it known. Missed is the deadline that it had to be ended for.
func (c *Cluster) conclude(ch *child, told bool, missed time.Duration) {
	result, err := readResult(c.config.Dir, ch.step)
	c.warn("reading the result record", ch, err)
	verdict := judge(evidence{
		id: c.id(ch.key, ch.UID), report: readReport(ch.dir), record: result,
		exit: newExit(ch.cmd.ProcessState), told: told, tail: ch.tail.String(), deadline: missed,
	})
	c.warn("keeping how the attempt ended", ch, keepVerdict(ch.dir, verdict))
	c.warn("removing the attempt's directory", ch, os.RemoveAll(ch.workspace()))
	_ = ch.lifeline.Close()
	release(ch.lock)
	removed := c.forget(ch)
	if removed {
		c.warn("removing the attempt", ch, ch.dir.remove())
	}
	c.view.change(ch.step, func(o *engine.Observation) {
		if result != nil {
			o.Result = result
		}
		if removed {
			dropSighting(o, ch.attempt)
			return
		}
		putSighting(o, ended(ch.sighting(engine.Ended), verdict))
	})
}

// forget takes a child that has ended out of the children, and tells whether it was to be removed.
func (c *Cluster) forget(ch *child) (removed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.children, ch.key)
	return ch.isRemoved()
}

// ended adds to a sighting how the attempt ended.
func ended(s engine.Sighting, verdict record.Report) engine.Sighting {
	s.Result, s.Value = verdict.Result, verdict.Value
	if verdict.End != nil {
		s.End = *verdict.End
	}
	return s
}

func keepVerdict(dir attemptDir, verdict record.Report) error {
	encoded, err := verdict.Encode()
	if err != nil {
		return err
	}
	_, err = makeOnce(dir.verdict(), encoded)
	return err
}

// readReport returns what a child left as its report. More than a report can hold is none.
func readReport(dir attemptDir) []byte {
	file, err := os.Open(dir.report())
	if err != nil {
		return nil
	}
	defer file.Close()
	report := make([]byte, record.MaxReport+1)
	n, err := io.ReadFull(file, report)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return report[:n]
}

func (c *Cluster) warn(doing string, ch *child, err error) {
	if err != nil {
		c.config.Logger.Warn("a finished attempt leaves something undone", zap.String("doing", doing), zap.String("run", c.config.Plan.Run),
			zap.String("step", ch.step), zap.Int("attempt", ch.attempt), zap.Error(err))
	}
}
