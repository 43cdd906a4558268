package engine

import (
	"cmp"
	"slices"
	"time"
)

// recheck is how long a sighting is believed that only a Confirm has given. No event will tell of its end.
const recheck = 5 * time.Second

func (s *step) observe(o Observation, now time.Time) {
	for _, a := range o.Closed {
		s.close(a)
	}
	shown := s.shownSighting()
	before := s.sightings
	s.sightings = s.inOrder(before[:0], o.Sightings)
	clear(before[min(len(before), len(s.sightings)):])
	s.shown = 0
	if _, caughtUp := s.find(shown.Attempt); !caughtUp && shown.Attempt > 0 {
		s.shown = shown.Attempt
		s.put(shown)
	}
	for _, sg := range s.sightings {
		s.sight(sg, now)
	}
	s.reckon(now)
}

// inOrder puts the sightings that are of a possible attempt into a slice, in the order of their numbers.
func (s *step) inOrder(into, view []Sighting) []Sighting {
	for _, sg := range view {
		if sg.Attempt > s.Earlier {
			into = append(into, sg)
		}
	}
	slices.SortStableFunc(into, func(a, b Sighting) int { return cmp.Compare(a.Attempt, b.Attempt) })
	return into
}

func (s *step) find(attempt int) (i int, found bool) {
	return slices.BinarySearchFunc(s.sightings, attempt, func(sg Sighting, n int) int { return cmp.Compare(sg.Attempt, n) })
}

// current returns the sighting of the latest attempt.
func (s *step) current() (Sighting, bool) {
	if len(s.sightings) == 0 {
		return Sighting{}, false
	}
	return s.sightings[len(s.sightings)-1], true
}

// sight takes note of an attempt that exists.
func (s *step) sight(sg Sighting, now time.Time) {
	if sg.Attempt >= s.started {
		s.started, s.sighted, s.litters = sg.Attempt, true, sg.Litter
		s.gone, s.refused, s.refusals = nil, nil, 0
	}
	s.pending.see(sg, s.FailOn, now)
	s.departure.see(sg, now)
}

func (s *step) put(sg Sighting) {
	i, found := s.find(sg.Attempt)
	if !found {
		s.sightings = slices.Insert(s.sightings, i, sg)
	}
	s.sightings[i] = sg
}

// show adds an attempt that a Confirm has found.
func (s *step) show(sg Sighting, now time.Time) {
	if _, inView := s.find(sg.Attempt); !inView || s.shown == sg.Attempt {
		s.shown, s.shownUntil = sg.Attempt, now.Add(recheck)
	}
	s.put(sg)
	s.sight(sg, now)
	s.pending.check(sg, now)
	s.departure.check(sg, now)
	s.reckon(now)
	if sg.Phase != Ended {
		s.verified.attempt, s.verified.at = sg.Attempt, now
	}
}

// shownSighting returns the sighting that the view lacks; its attempt is 0 when there is none.
func (s *step) shownSighting() Sighting {
	if i, found := s.find(s.shown); found {
		return s.sightings[i]
	}
	return Sighting{}
}

// hide takes an attempt out of the sightings: it does not exist, whatever the view says.
func (s *step) hide(attempt int) {
	if i, found := s.find(attempt); found {
		s.sightings = slices.Delete(s.sightings, i, i+1)
	}
	if s.shown == attempt {
		s.shown = 0
	}
}

// leaving takes note that an attempt was removed. The view says so too, sooner or later.
func (s *step) leaving(c Command) {
	if i, found := s.find(c.Attempt); found && s.sightings[i].UID == c.UID {
		s.sightings[i].Deleting = true
	}
}
