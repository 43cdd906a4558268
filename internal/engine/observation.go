package engine

import (
	"time"

	"github.com/org/k8sorch/internal/record"
)

// Observation is everything a cluster knows of one step. It is a level, not a change: two equal observations mean the
// same, and one that was missed is made good by the next.
type Observation struct {
	// Result is the step's result record. It is kept, and never changed.
	Result *record.Result
	// Closed are the records of attempts that ended otherwise.
	Closed []record.Attempt
	// Sightings are the attempts that exist on the cluster, ended or not.
	Sightings []Sighting
}

// Phase says how far an attempt that exists has come.
type Phase string

const (
	// Waiting: on its way to run. The startup timeout counts.
	Waiting Phase = "Waiting"
	// Queued: held back by a queue, a quota or a gate. No clock counts.
	Queued Phase = "Queued"
	// Running: the step's process runs.
	Running Phase = "Running"
	// Ended: the step's process is over and can write nothing any more.
	Ended Phase = "Ended"
)

// Sighting is one attempt as the cluster shows it.
type Sighting struct {
	// Attempt is the attempt's number, from 1.
	Attempt int
	// UID identifies this very process or pod.
	UID string
	// Phase says how far it has come.
	Phase Phase
	// Reason and Message say why it is not running: the scheduler's, the kubelet's or the queue's words.
	Reason, Message string
	// Deleting tells that it is on its way out, asked for by whomever.
	Deleting bool
	// Grace is how long the process of an attempt that is on its way out has to end. It is 0 where nothing more can be done
	// by force.
	Grace time.Duration
	// Litter tells of an attempt that holds resources when its step's process has ended, such as a pod whose sidecars run
	// on. Said of one that has not ended, it makes sure that the pod of a run's last step does not stay behind: the
	// orchestrator ends with that step's record, before the process exits.
	Litter bool
	// Started is when the step's process started, by the cluster's clock.
	Started time.Time
	// Result and Value are what an ended attempt reported, when it succeeded.
	Result *record.Result
	Value  []byte
	// End is how an ended attempt ended, when it did not succeed.
	End record.End
}
