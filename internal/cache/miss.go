package cache

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

// Reasons for which a step is run though it is cached. What has changed about its key is another, see [Explain].
const (
	// NoneFound: no result has the key. Who has an earlier result of the step can say more, see [Explain].
	NoneFound = "no value of this version and these inputs"
	// NoneMade: the latest runs have no result of the step.
	NoneMade = "no earlier value"
	// Expired: the value is older than may be.
	Expired = "the earlier value has expired"
	// Gone: the artifact store does not have the value any more.
	Gone = "the earlier value is gone"
	// Damaged: what is there is not what was recorded.
	Damaged = "the earlier value is damaged"
	// OutOfReach: the artifact store cannot be asked, so that nothing is known of the value.
	OutOfReach = "the artifact store is out of reach"
	// NotReadable: the value cannot be had for another reason, which the log has.
	NotReadable = "the earlier value cannot be read"
	// NoRoom: the value would be too much for the records of this run.
	NoRoom = "the records of this run have no room for the earlier value"
	// NotSearched: the search itself failed, so that nothing is known.
	NotSearched = "earlier values could not be looked up"
	// NotAllowed: the account that looks lacks the right to.
	NotAllowed = "earlier values may not be looked up"
)

// ErrDamaged is returned by a [Candidate] whose inline value is not the recorded one, ErrNoRoom by one whose value this
// run's records have no room for.
var (
	ErrDamaged = errors.New(Damaged)
	ErrNoRoom  = errors.New(NoRoom)
)

// Miss says why no earlier value is taken.
type Miss struct {
	// Reason is for people, a few words.
	Reason string
	// Err is what went wrong, nil when nothing did.
	Err error
}

// unfetched says what it means that a value cannot be fetched.
func unfetched(err error) *Miss {
	_, corrupt := errors.AsType[*artifact.CorruptError](err)
	_, unavailable := errors.AsType[*artifact.UnavailableError](err)
	reason := NotReadable
	switch {
	case corrupt, errors.Is(err, ErrDamaged):
		reason = Damaged
	case errors.Is(err, artifact.ErrNotFound):
		reason = Gone
	case unavailable:
		reason = OutOfReach
	case errors.Is(err, ErrNoRoom):
		reason = NoRoom
	}
	return &Miss{Reason: reason, Err: err}
}

// Explain says what is different about the latest result of the step, which does not have the wanted key.
func Explain(want, latest *record.Cache) string {
	all := map[string]string{}
	maps.Copy(all, latest.Parts)
	maps.Copy(all, want.Parts)
	changed := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		return want.Parts[name] == latest.Parts[name]
	})
	if len(changed) == 0 {
		return "the order of its inputs changed"
	}
	return strings.Join(changed, ", ") + " changed"
}
