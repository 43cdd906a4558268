package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/process"
)

func (r *dirRun) logs(ctx context.Context, q LogQuery, tell func(Event)) error {
	if err := checkQuery(r.plan, q); err != nil {
		return err
	}
	run, err := r.status(ctx)
	if err != nil {
		return err
	}
	told := r.tracker.fresh(tell)
	if q.Follow && run.State != RunDone && goesOn(run, q) {
		return r.followLogs(ctx, q, told.log)
	}
	return readLogs(run, q, func(step string, attempt int) error {
		_, err := r.readLog(step, attempt, 0, q.Tail, func(line string) { told.log(step, attempt, line) })
		return err
	})
}

// readLog reads what an attempt has written from an offset of its log, or only the last lines of that.
func (r *dirRun) readLog(step string, attempt int, from int64, tail int, line func(string)) (to int64, err error) {
	var last []string
	each := line
	if tail > 0 {
		each = func(text string) { last = append(last[max(0, len(last)+1-tail):], text) }
	}
	to, err = process.ReadLog(r.dir, step, attempt, from, each)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("reading the log of step %q: attempt %d has none: %w", step, attempt, kube.ErrNoLog)
	}
	for _, text := range last {
		line(text)
	}
	return to, err
}

// followLogs tells what is written until the step is over that is named, or else the run.
func (r *dirRun) followLogs(ctx context.Context, q LogQuery, line func(step string, attempt int, line string)) error {
	lines := r.newLogReader(q, line)
	return r.watch(ctx, r.tracker.fresh(func(Event) {}), func(run *Run) (bool, error) {
		return goesOn(run, q), lines.read(run)
	})
}

// logReader reads on in the logs of a run, those that a query asks for, each from where it was read to.
type logReader struct {
	run  *dirRun
	q    LogQuery
	line func(step string, attempt int, line string)
	// next is the attempt of each step that is read, and offset how far that is read.
	next   map[string]int
	offset map[string]int64
}

func (r *dirRun) newLogReader(q LogQuery, line func(step string, attempt int, line string)) *logReader {
	return &logReader{run: r, q: q, line: line, next: map[string]int{}, offset: map[string]int64{}}
}

// read tells what has come since the last time. An attempt that is over is read to its end before the next one.
func (l *logReader) read(run *Run) error {
	for _, s := range run.all() {
		if l.q.Step != "" && l.q.Step != s.Name {
			continue
		}
		if l.next[s.Name] == 0 {
			l.next[s.Name] = cmp.Or(l.q.Attempt, s.Attempts)
		}
		if err := l.readOn(s); err != nil {
			return err
		}
	}
	return nil
}

func (l *logReader) readOn(s StepRun) error {
	for {
		attempt := l.next[s.Name]
		if attempt == 0 || attempt > s.Attempts {
			return nil
		}
		tail := 0
		if l.offset[s.Name] == 0 {
			tail = l.q.Tail
		}
		to, err := l.run.readLog(s.Name, attempt, l.offset[s.Name], tail, func(line string) { l.line(s.Name, attempt, line) })
		if err != nil && !errors.Is(err, kube.ErrNoLog) {
			return err
		}
		l.offset[s.Name] = to
		if attempt == s.Attempts || l.q.Attempt > 0 {
			return nil
		}
		l.next[s.Name], l.offset[s.Name] = attempt+1, 0
	}
}
