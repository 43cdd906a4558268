package record

// Cache is what the result record of a cached step says for the runs that come later, and of where its value is from.
type Cache struct {
	// Key is the SHA-256, in hex, of all that the value depends on. Where keys are equal, so are the values.
	Key string `json:"key"`
	// Parts are what the key was made of: a name and a short digest each. They tell what has changed where no value is
	// found.
	Parts map[string]string `json:"parts,omitempty"`
	// From is where the value was made; nil when it was made by an attempt of this run.
	From *Origin `json:"from,omitempty"`
	// Miss says why the value was not taken from an earlier run, where one was looked for.
	Miss string `json:"miss,omitempty"`
}

// Origin is the attempt that made a value.
type Origin struct {
	Run     string `json:"run"`
	Attempt int    `json:"attempt"`
	UID     string `json:"uid,omitempty"`
}

// TakenFrom returns where the value was made, if another run made it; nil otherwise.
func (r Result) TakenFrom() *Origin {
	if r.Cache == nil {
		return nil
	}
	return r.Cache.From
}
