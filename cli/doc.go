// Package cli makes a program with a pipeline a command line program:
//
//	func main() {
//		rows := pipeline.Param("rows", 1000).Usage("load at most this many rows")
//		report := pipeline.Func("report", report, pipeline.Func("load", load, rows))
//		cli.Main(pipeline.New("train").Step(report))
//	}
//
// and then
//
//	go run ./train --rows 5000                       # every step is a child process of this one
//	go run ./train --rows 5000 --context kind-dev --registry localhost:5001
//	go run ./train render --context kind-dev --image localhost:5001/train@sha256:…
//	go run ./train --help
//
// # Verbs
//
// run, which is also what happens without a verb, submits a run and follows it to its end; with --detach, or where the
// settings say so, it does not wait for one on Kubernetes, and prints how to look at it. submit prints the id of a run on a
// cluster and does not wait for it. list, get, watch, logs, why, stop and delete are about runs that were submitted before, by
// whomever: the run may be left out where nothing is changed, and is the newest one then. retry runs again what did not succeed in one.
// schedule has runs begin by themselves.
//
// graph prints the pipeline's graph. render prints every object that run would make on the cluster, as YAML that kubectl
// understands; rbac prints the service accounts and rights that runs need, and with --submitter those of a user who submits;
// doctor checks that a run would find what it needs. version says what the program was built from; completion prints a
// completion script for a shell; help explains each of them.
//
// [MainAll] is for several pipelines in one program, [Commands] for a command tree of one's own. Each verb is a file of this
// package and a line in root.go.
//
// # Flags
//
// Each parameter of the pipeline is a flag, whose value is read as [pipeline.SetText] says. Where the name is a flag of the
// command line already, the parameter is given as --param name=value, which works for all of them. The other flags refine
// the configuration that the program gives with [WithConfig]. Those that are settings (--image, --base-image,
// --max-parallelism, --deadline, --timeout, --detach, --no-logs) win over the pipeline's own, as [pipeline.RunSettings]
// do; what a step sets for itself stays.
//
// Any other settings of the run are read from files that --settings names, as [pipeline.LoadSettings] reads them. Flags win
// over files, and later files over earlier ones.
//
// # Output
//
// What [Report] prints is on standard output, all by itself; how the run goes on is on standard error: one line per change
// of a step, and the lines that steps log, behind the step's name. On a terminal these scroll by above a list of the steps
// that are under way. Colours are left out with --no-color, where the variable NO_COLOR is set, and off a terminal.
//
// With --output json, standard output gets exactly one JSON document once the run has ended: the [pipeline.Run], and an
// error field where something went wrong. Report is not called then.
//
// # Interrupts
//
// The first SIGINT (Ctrl-C) or SIGTERM ends the wait for the run: one on Kubernetes goes on, and the commands that
// follow and stop it are printed; child processes are ended. A second one ends this process at once.
//
// # Exit codes
//
//	0    the run succeeded, or what was asked for was done
//	1    the run ended without success, its report could not be made, or a check of doctor has failed
//	2    a mistake in the command line, the parameters or the pipeline, such as a run or a schedule that does not exist; nothing was made
//	3    it could not be done: the cluster, the registry, missing rights
//	4    the run was stopped
//	5    the run was not over when the timeout had passed; it goes on
//	130  interrupted by a signal
package cli
