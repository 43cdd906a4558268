package engine

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
	return Command{}, false
}

// counts tells that the step's result is that of the attempt, which is left to exit by itself.
func (s *step) counts(sg Sighting) bool {
	return s.result != nil && sg.Attempt == s.result.Attempt && !sg.Litter
}

// unaccounted tells that an attempt was started that nobody has seen, ended or been told the end of.
func (s *step) unaccounted() bool {
	_, seen := s.find(s.started)
	known := seen || s.gone != nil || s.started <= max(s.lastClosed(), s.confirmed)
	return !known && (s.result == nil || s.result.Attempt != s.started)
}
