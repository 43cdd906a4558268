package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/kube"
)

// RunState says where a run stands.
type RunState string

// The states of a run.
const (
	// RunSuspended: its Job is suspended: a queue holds it back, or it is just being submitted.
	RunSuspended RunState = "Suspended"
	// RunStarting: no orchestrator runs: it does not yet, another one is to take over, or it has ended within the last seconds
	// and the Job controller has not heard of that.
	RunStarting RunState = "Starting"
	// RunRunning: its orchestrator runs.
	RunRunning RunState = "Running"
	// RunStopping: it was asked to stop or to drain, and has not ended.
	RunStopping RunState = "Stopping"
	// RunDeleting: it was deleted, and what belongs to it is on its way out.
	RunDeleting RunState = "Deleting"
	// RunDone: it has ended.
	RunDone RunState = "Done"
	// RunUnreadable: its directory cannot be read, as that of child processes that another version of the library has run.
	RunUnreadable RunState = "Unreadable"
)

// RunInfo is what is known of a run without a look at its steps.
type RunInfo struct {
	// ID names the run.
	ID string `json:"id"`
	// Pipeline is the pipeline's name.
	Pipeline string `json:"pipeline"`
	// Namespace is where the run lives; empty for one of child processes.
	Namespace string `json:"namespace,omitempty"`
	// State is where the run stands.
	State RunState `json:"state"`
	// Outcome is Succeeded, Failed or Stopped, as the run's orchestrator left it; empty while the run goes on.
	Outcome Outcome `json:"outcome,omitempty"`
	// Message is why the run was asked to stop, how its Job failed, or why it cannot be read.
	Message string `json:"message,omitempty"`
	// Submitted is when the run's Job was made, by the API server's clock, or a run of child processes was submitted.
	Submitted time.Time `json:"submitted"`
	// Finished is when the end of its Job became certain, by the Job controller's clock, or its last child process ended; zero
	// while it goes on.
	Finished time.Time `json:"finished,omitzero"`
}

// List returns the runs of the pipeline in the namespace, the newest first, whoever submitted them. It is one list call,
// however many there are and however many steps they have; [Orchestrator.Open] and [Handle.Status] tell of one run's steps.
// Several tries of a run that was retried are one run. Where no cluster is named, it returns the runs of child processes in
// Config.Dir.
func (o *Orchestrator) List(ctx context.Context, p *Pipeline) ([]RunInfo, error) {
	s, err := o.reopen(p, "")
	if err != nil {
		return nil, err
	}
	if !s.target().Named() {
		runs, err := s.listDirs(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the runs of pipeline %q: %w", p.name, err)
		}
		return runs, nil
	}
	conn, err := s.reachToLook(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the runs of pipeline %q: %w", p.name, err)
	}
	jobs, err := kube.ListRuns(ctx, conn.Client, conn.Namespace, p.name)
	if err != nil {
		return nil, err
	}
	runs := make([]RunInfo, 0, len(jobs))
	for _, job := range jobs {
		runs = append(runs, runInfo(job, p.name, conn.Namespace))
	}
	return runs, nil
}

func runInfo(job kube.RunJob, pipeline, namespace string) RunInfo {
	info := RunInfo{
		ID: job.Run, Pipeline: pipeline, Namespace: namespace, State: stateOf(job), Outcome: job.Outcome(),
		Submitted: job.Submitted, Finished: job.Ended,
	}
	switch {
	case info.Outcome == Succeeded:
	case job.StopReason != "" || job.DrainReason != "":
		info.Message = stopReason(job.JobState)
	case info.Outcome == Failed:
		info.Message = job.Message
	}
	return info
}

// stopReason is why the run was asked to stop or, if it was not, to drain.
func stopReason(s kube.JobState) string {
	if s.StopReason != "" {
		return s.StopReason
	}
	return s.DrainReason
}

// stateOf returns where a run stands, as its Job has it.
func stateOf(job kube.RunJob) RunState {
	switch {
	case job.Deleting:
		return RunDeleting
	case job.Finished != "":
		return RunDone
	case stopReason(job.JobState) != "":
		return RunStopping
	case job.Suspended:
		return RunSuspended
	case !job.Ready:
		return RunStarting
	}
	return RunRunning
}
