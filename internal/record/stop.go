package record

// Stop is the record that the orchestrator has decided to stop the run, one for each run: the first one made stands. It
// is what everybody who follows the run goes by, the orchestrator and its successors included, so that no two of them
// can disagree about whether there was a stop.
type Stop struct {
	Run string `json:"run"`
	// Message says why, for people.
	Message string `json:"message"`
}
