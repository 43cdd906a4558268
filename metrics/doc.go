// Package metrics counts what happens in runs, for Prometheus. A program that does not import it has nothing of Prometheus in
// its binary.
//
// It is fed by the events of an orchestrator, in the process that waits for the runs:
//
//	m, err := metrics.New(prometheus.DefaultRegisterer)
//	o := pipeline.NewOrchestrator(config, pipeline.WithEvents(m.Observe))
//
// Several orchestrators may share one [Metrics]. The labels are the names of pipelines and steps, and outcomes: there are as
// many series as there are steps in the program, however many runs it makes.
//
// What was not waited for is not counted: neither runs that are only submitted, nor what happens after a wait was given up.
// Each wait for a run by a handle of its own counts the run, in this process or another one: a service that waits by several
// handles gives one of them, or an orchestrator for them, to the metrics. A retry counts the steps again whose results it keeps.
package metrics
