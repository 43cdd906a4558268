// Command bench compares k8sorch with what the API server allows and with stand-ins for other ways to orchestrate, on a control
// plane of its own. See docs/performance.md; e2e/bench.sh builds what it needs and starts it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// options are the flags.
type options struct {
	kubenode, program, source, commit, out, profile, page string
	full                                                  bool
	only                                                  *regexp.Regexp
	rounds                                                int
	// inside is what to run in the cluster that this process is in, as JSON, and result the file that takes what it gives.
	inside, result string
	// standin and shape are what this process is to do instead of a run's orchestrator, and image what Jobs run.
	standin, shape, kubeconfig, namespace, image string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := play(ctx, parse())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse() options {
	var o options
	only := ""
	flag.StringVar(&o.kubenode, "kubenode", "", "the `program` that brings the cluster up")
	flag.StringVar(&o.program, "program", "", "the pipeline `program`, e2e/testdata/bench")
	flag.StringVar(&o.source, "source", "", "the `folder` of the module, whose benchmarks are run")
	flag.StringVar(&o.commit, "commit", "", "the `commit` that is measured")
	flag.StringVar(&o.out, "out", "", "`folder` for the tables and the JSON, instead of e2e/bench/results")
	flag.StringVar(&o.profile, "profile", "", "`folder` for CPU profiles of k8sorch's orchestrators")
	flag.StringVar(&o.page, "page", "", "a `page` that the tables are put into as well, between its marks")
	flag.BoolVar(&o.full, "full", false, "everything, which takes hours, instead of a short set")
	flag.StringVar(&only, "only", "", "only the series whose name fits this `expression`")
	flag.IntVar(&o.rounds, "rounds", 0, "how often each is run, instead of once, or 5 times in full; some are run once always")
	flag.StringVar(&o.inside, "inside", "", "(for its own use)")
	flag.StringVar(&o.result, "result", "", "(for its own use)")
	flag.StringVar(&o.standin, "standin", "", "(for its own use)")
	flag.StringVar(&o.shape, "shape", "", "(for its own use)")
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "(for its own use)")
	flag.StringVar(&o.namespace, "namespace", "", "(for its own use)")
	flag.StringVar(&o.image, "image", "", "(for its own use)")
	flag.Parse()
	o.only = regexp.MustCompile(only)
	return o
}

// play does what this process is there for.
func play(ctx context.Context, o options) error {
	switch {
	case o.standin != "":
		return standIn(ctx, o)
	case o.inside != "":
		return runInside(ctx, o)
	default:
		return compare(ctx, o)
	}
}

// runInside runs a share of a series in the cluster that this process is in.
func runInside(ctx context.Context, o options) error {
	var s share
	if err := json.Unmarshal([]byte(o.inside), &s); err != nil {
		return err
	}
	l, err := newLab(o, s)
	if err != nil {
		return err
	}
	results, err := l.run(ctx)
	return errors.Join(err, writeJSON(o.result, results))
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// sayf prints a line of progress.
func sayf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// report is what is written as JSON.
type report struct {
	conditions
	Results []figures.Result `json:"results"`
}
