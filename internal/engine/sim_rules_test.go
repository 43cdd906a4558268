package engine_test

import "fmt"

// rule is something that has to hold of every run, whatever goes wrong.
type rule string

const (
	successOnce rule = "a success counts once, and only with a record"
	inputsFirst rule = "nothing starts before what it needs has a result"
	oneAttempt  rule = "attempts of a step do not overlap, and their numbers rise"
	recordFirst rule = "nothing is removed before its end is recorded"
	trueRecords rule = "an attempt record says what happened"
	limits      rule = "parallelism, stagger and delays are kept"
	budgets     rule = "a step has the attempts of its budgets, no more and no fewer"
	noNewStart  rule = "a stop or a failure begins nothing new"
	nothingLeft rule = "nothing is left that should not be"
	trueState   rule = "what is reported is the truth"
	deletedRun  rule = "a run counts as deleted if and only if it is, and nothing is done for it then"
	oneAtATime  rule = "a step has one command under way, and none is repeated in haste"
	terminates  rule = "the run ends"
)

func everyRule() []rule {
	return []rule{
		successOnce, inputsFirst, oneAttempt, recordFirst, trueRecords, limits, budgets, noNewStart, nothingLeft, trueState, deletedRun,
		oneAtATime, terminates,
	}
}

// breach is a rule that was broken.
type breach struct {
	rule  rule
	at    string
	about string
}

// Error implements error.
func (b *breach) Error() string { return fmt.Sprintf("%s: %s [%s]", b.at, b.about, b.rule) }

// breachf notes that a rule was broken.
func (w *world) breachf(r rule, format string, args ...any) {
	w.notef(format, args...)
	if w.problem == nil {
		w.problem = &breach{rule: r, at: w.now.Format("15:04:05.000"), about: fmt.Sprintf(format, args...)}
	}
}
