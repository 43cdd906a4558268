package engine

import (
	"cmp"
	"slices"

	"github.com/org/k8sorch/internal/record"
)

// close takes note of the record of an attempt. What the cluster shows replaces what this machine wrote.
func (s *step) close(a record.Attempt) {
	if a.Attempt <= s.Earlier {
		return
	}
	a.End = whole(a.End)
	i, found := s.findClosed(a.Attempt)
	if found {
		s.closed[i] = a
		return
	}
	s.closed = slices.Insert(s.closed, i, a)
}

// whole returns the end with an outcome that has a meaning here: one that says nothing, or that an attempt cannot have,
// counts as Failed.
func whole(end record.End) record.End {
	switch end.Outcome {
	case record.Failed, record.Lost, record.NotStarted, record.Stopped:
		return end
	}
	end.Outcome, end.Reason = record.Failed, cmp.Or(end.Reason, "NoResult")
	return end
}

func (s *step) findClosed(attempt int) (i int, found bool) {
	return slices.BinarySearchFunc(s.closed, attempt, func(c record.Attempt, n int) int { return cmp.Compare(c.Attempt, n) })
}

func (s *step) isClosed(attempt int) bool {
	_, found := s.findClosed(attempt)
	return found
}

// unrecorded returns the first attempt that has no record though a later one has, and whose record was not asked for yet; 0
// when there is none. A view that lags may lack records in the middle, and budgets are reckoned from all of them.
func (s *step) unrecorded() int {
	if last := s.lastClosed(); len(s.closed) < last-s.Earlier {
		for n := s.searched + 1; n < last; n++ {
			if !s.isClosed(n) {
				return n
			}
		}
	}
	return 0
}

// lastClosed returns the number of the last attempt that has a record; that of the last one before the run was retried, or
// 0, when there is none.
func (s *step) lastClosed() int {
	if len(s.closed) == 0 {
		return s.Earlier
	}
	return s.closed[len(s.closed)-1].Attempt
}
