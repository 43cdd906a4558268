package audit

// Counts are the requests of one user.
type Counts struct {
	// Calls are those that are no watches, by verb and resource, as in "create pods".
	Calls map[string]int `json:"calls"`
	// Watches are those that were begun, in the same way.
	Watches map[string]int `json:"watches"`
}

// Count counts the requests of a user.
func Count(requests []Request, user string) Counts {
	c := Counts{Calls: map[string]int{}, Watches: map[string]int{}}
	for _, r := range requests {
		if r.User != user {
			continue
		}
		switch what := r.Verb + " " + r.Resource; {
		case r.Verb == "watch" && r.Begins:
			c.Watches[what]++
		case r.Verb != "watch" && !r.Begins:
			c.Calls[what]++
		}
	}
	return c
}

// Total returns how many calls there were that are no watches.
func (c Counts) Total() (n int) {
	for _, calls := range c.Calls {
		n += calls
	}
	return n
}
