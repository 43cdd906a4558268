// Package pipeline runs pipelines of typed steps on Kubernetes with nothing installed in the cluster.
//
// # A pipeline
//
// A step is a function, and where its arguments come from. [Func0] to [Func3] make one; the type of its value follows
// from the function, and an argument of the wrong type does not compile. A [Param] is a value that is given when a run is
// submitted. A pipeline is named for its goals, and what they depend on comes along:
//
//	rows  := pipeline.Param("rows", 1000)
//	data  := pipeline.Func("load", load, rows)                 // func(context.Context, int) (Dataset, error)
//	model := pipeline.Func("train", train, data).              // func(context.Context, Dataset) (Model, error)
//		Retry(pipeline.Retry{MaxRetries: 3, Delay: 10 * time.Second, Backoff: 2})
//	score := pipeline.Func2("evaluate", evaluate, model, data) // func(context.Context, Model, Dataset) (Report, error)
//	p     := pipeline.New("train").Step(score)
//
// Whatever else can be wrong with it, [Pipeline.Validate] reports all at once, with file and line.
//
// # A run
//
// An [Orchestrator] runs pipelines: as child processes of the program, or on the Kubernetes cluster that its [Config]
// names. [Orchestrator.Run] waits for the end, [Orchestrator.Submit] returns a [Handle]; results come back with their
// types. [Handle.Events] follows a run, and docs/embedding.md tells of k8sorch in a Go service.
//
//	o := pipeline.NewOrchestrator(pipeline.Config{Context: "my-cluster", Registry: "registry.example.com/me"})
//	run, err := o.Run(ctx, p, rows.Set(5000))
//	report, err := score.Result(ctx, run) // a Report
//
// Most programs leave all of that to the package cli, which makes a command line program of a pipeline.
//
// # One program, three roles
//
// The same executable is the client, the orchestrator's pod and the pod of each step, so main runs in all of them. In a
// pod, Run does that pod's work and ends the process: what follows it in main is done by the client alone, and what comes
// before it is done everywhere. Main must build the same graph each time; a submit starts the program once more to see
// that it does, and every pod checks. A program with several pipelines, or one that does more than run one, calls
// [Orchestrator.Dispatch] first thing in main.
//
// Steps share nothing but their values. A variable that one step sets is not set in another: that one runs in another
// process, and most likely on another machine.
//
// # Values
//
// What a step returns is encoded as CBOR. The `json` tags of structs are honoured; NaN, infinities, bytes and 64-bit
// integers arrive as they were. Values of up to 256 KiB are kept in the step's record, larger ones in an artifact store
// ([Config.Artifacts]), and a [Blob] is streamed, never held in memory.
//
// # Failures
//
// An attempt that fails (an error, a panic, an exit code, too much memory) spends the step's [Retry]; one whose error is
// [Permanent], or not one that its If accepts, ends it. An attempt that is lost (evicted, its node gone) or does not start (no image, no room) spends a
// budget of its own, which [KubernetesOrchestratorSettings] sets. A step's function runs at least once; its success counts
// once. [AttemptInfo] gives it what it needs to act on the outside world no more than once.
//
// # Runs that were submitted before
//
// [Orchestrator.List] returns the runs of a pipeline on the cluster, and [Orchestrator.Open] a handle on one of them, whichever
// process submitted it. [Handle.Status] tells where its steps stand without waiting, [Handle.Why] what keeps them from running
// and what to do, [Handle.Logs] what they have written; [Handle.Wait] follows it to its end, and [Handle.Delete] takes it away.
// [Orchestrator.Doctor] tells beforehand what a run would miss.
//
// # Stopping a run
//
// [Handle.Drain] lets the attempts that are running finish and begins no further one; [Handle.Stop] ends those that are
// running, too, and may follow a drain. Kubectl does the same:
//
//	kubectl annotate job/<run> k8sorch.io/drain='enough for today'
//	kubectl annotate job/<run> k8sorch.io/stop='at once'
//
// A step whose process is told to terminate sees it by its context, whose cause is [ErrTerminated], and [ErrStopped] as well
// when it was the run that was stopped.
//
// # Retrying a run
//
// [Orchestrator.Retry] runs what did not succeed in a run that is over, as a part of that run: steps that have succeeded keep
// their results. What the steps do and how may have changed since, their graph and the parameters may not. [Orchestrator.Open]
// returns a handle on a run that was submitted before.
//
// # Hooks
//
// [Pipeline.OnSuccess], [Pipeline.OnFailure] and [Pipeline.OnExit] declare functions that run once the run's steps are
// over, whichever way that came about, and are told how it ended. A run that was stopped has not succeeded. They run in pods
// of their own, at least once each, and change nothing about the outcome:
//
//	p.OnFailure("alarm", func(ctx context.Context, end pipeline.RunEnd) error { return post(ctx, end.Outcome, end.Steps) })
//
// # Settings
//
// [KubernetesOrchestratorSettings] are given in the Config, on a pipeline, for a run ([RunSettings]) and on a step; the more
// specific place wins. [LoadSettings] reads them from a file. docs/settings.md lists them all.
//
// # Schedules
//
// [Orchestrator.Schedule] has a pipeline run by itself, at the times of a cron expression in a time zone. Each firing is a run of
// its own, whose steps read the time that it is for with [ScheduledTime]. [Orchestrator.BackfillSchedule] makes up for firings that
// have no run. See docs/schedules.md.
//
//	status, err := o.Schedule(ctx, p, pipeline.Schedule{Cron: "0 6 * * 1-5", TimeZone: "Europe/Zurich"})
//
// # Cached steps
//
// With EnableCache in its settings a step is not run when an earlier run has made its value: by the same version of the
// program, from the same inputs and parameters. [StepRun] says where a value was taken from, or why it was not; [NoCache]
// runs everything. Only steps that depend on nothing else may be cached, so the default is off. See docs/caching.md.
//
// # Seeing what runs do
//
// A step says how far it is with [Progress], and what is worth keeping with [SetMetadata] and [SetMetric]. [WithEvents] tells the
// program what happens in its runs; the packages metrics and tracing are for Prometheus and OpenTelemetry. See
// docs/observability.md.
//
// # Tests
//
// The package k8sorchtest runs whole pipelines in unit tests, on client-go's fake clientset. See docs/testing.md.
package pipeline
