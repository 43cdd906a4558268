package engine

import "slices"

// tidy takes away what a step that has its outcome still keeps busy: attempts other than the one whose result counts,
// and that one's remains.
func (s *step) tidy() (Command, bool) {
	for _, sg := range s.sightings {
		if !s.counts(sg) && !sg.over() && !sg.Deleting {
			return s.remove(sg), true
		}
	}
	if s.unaccounted() {
		return s.ask(s.started), true
	}
	s.forget()
	return Command{}, false
}

// forget drops what was seen of the attempts of a step that has succeeded, once they are all over, unless something depends on it
// still. There are as many of them as pods, and nothing looks at them again.
func (s *step) forget() {
	if s.result == nil || slices.ContainsFunc(s.sightings, func(sg Sighting) bool { return !sg.over() }) {
		return
	}
	seen := s.sightings
	s.sightings = nil
	if s.unaccounted() {
		s.sightings = seen
	}
}

// counts tells that the step's result is that of the attempt, which is left to exit by itself.
func (s *step) counts(sg Sighting) bool {
	return s.result != nil && sg.Attempt == s.result.Attempt && !sg.Litter
}

// unaccounted tells that an attempt was started that is not in view and of which nobody was told the end. One whose result
// is there is trusted to exit by itself if it was seen, and not to leave litter.
func (s *step) unaccounted() bool {
	_, seen := s.find(s.started)
	known := seen || s.gone != nil || s.started <= max(s.lastClosed(), s.confirmed)
	exits := s.sighted && !s.litters && s.result != nil && s.result.Attempt == s.started
	return !known && !exits
}
