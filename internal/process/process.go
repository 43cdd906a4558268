// Package process runs the attempts of a run as child processes of this one: the same binary, executed again with the
// role of a step. It is how pipelines run without Kubernetes.
//
// A child is treated like a pod, so that what a pod would miss is missing here too: it begins in an empty directory, with
// hardly any environment, in a process group of its own that ends with it. The run lives in a directory:
//
//	plan.json.gz            the plan
//	<step>.result.json      result records, made once with link(2)
//	<step>.attempt-1.json   attempt records, likewise
//	end.json                how the run ended
//	driver.lock             locked by the process that drives the run, with its id
//	logs/<step>.1           what an attempt has written
//	artifacts/              the values, unless the run has an artifact store elsewhere
//	attempts/<step>.1/      what is known of an attempt that exists
//
// The directory is all that counts: a new [Cluster] on it goes on where a killed process left off.
package process

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/plan"
)

// Config says how to run the attempts of one run.
type Config struct {
	// Dir is the directory of the run, which New makes if need be.
	Dir string
	// Plan is the run's plan. A run that has one already keeps it; nil means that it must have one.
	Plan *plan.Plan
	// Executable is the binary to execute. Defaults to this process's own.
	Executable string
	// Args are the children's arguments, without the program's name.
	Args []string
	// Env returns what a step's environment has beyond PATH, LANG, TZ, HOME and TMPDIR, as "NAME=value". Nil means
	// nothing.
	Env func(step string) []string
	// Token is the token of the run that its steps get; empty where it has none.
	Token string
	// Store keeps the values. Defaults to [DefaultStore].
	Store artifact.Store
	// Output takes the lines that attempts write to stdout and stderr, in the order they were written. It is called
	// from several goroutines, but never twice at once for the same attempt. Lines over 64 KiB come in pieces. Nil
	// discards them.
	Output func(step string, attempt int, line string)
	// Earlier are the directories of earlier runs of the pipeline, in which the values of cached steps are looked for.
	Earlier []string
	// Deadline returns how long one attempt of a step may take; nil, or 0 from it, means for ever.
	Deadline func(step string) time.Duration
	// Grace is how long an attempt has to end by itself after SIGTERM, before SIGKILL. Defaults to 10 seconds.
	Grace time.Duration
	// Logger defaults to none.
	Logger *zap.Logger
}

const defaultGrace = 10 * time.Second

// New returns the cluster of the run in c.Dir, which it makes if it is not there.
func New(c Config) (*Cluster, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("running steps as processes: %w", err)
	}
	if c.Plan, err = settlePlan(c.Dir, c.Plan); err != nil {
		return nil, fmt.Errorf("running steps as processes: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(c.Dir, attemptsDir), 0o755); err != nil {
		return nil, fmt.Errorf("running steps as processes: %w", err)
	}
	return newCluster(c), nil
}

// withDefaults returns a copy with everything set that has a default, and its paths absolute: children begin elsewhere.
func (c Config) withDefaults() (Config, error) {
	var err error
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return c, err
	}
	if c.Executable == "" {
		if c.Executable, err = os.Executable(); err != nil {
			return c, fmt.Errorf("finding this process's own binary: %w", err)
		}
	}
	if c.Store == nil {
		c.Store = DefaultStore(c.Dir)
	}
	if c.Env == nil {
		c.Env = func(string) []string { return nil }
	}
	if c.Deadline == nil {
		c.Deadline = func(string) time.Duration { return 0 }
	}
	if c.Output == nil {
		c.Output = func(string, int, string) {}
	}
	if c.Logger == nil {
		c.Logger = zap.NewNop()
	}
	c.Grace = cmp.Or(c.Grace, defaultGrace)
	return c, nil
}

// DefaultStore returns the artifact store within the directory of a run.
func DefaultStore(dir string) *artifact.Dir { return artifact.NewDir(filepath.Join(dir, "artifacts")) }

// settlePlan returns the plan of the run in dir: the one that is there, or else p, which it puts there.
func settlePlan(dir string, p *plan.Plan) (*plan.Plan, error) {
	path := filepath.Join(dir, plan.FileName)
	var encoded []byte
	var err error
	if p == nil {
		encoded, err = os.ReadFile(path)
	} else {
		encoded, err = placePlan(path, p)
	}
	if err != nil {
		return nil, err
	}
	standing, err := plan.Decode(encoded)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if p != nil && (standing.Run != p.Run || standing.Fingerprint != p.Fingerprint) {
		return nil, fmt.Errorf("%s holds run %s already, which is not run %s of this graph; give each run a directory of its own", dir, standing.Run, p.Run)
	}
	return standing, nil
}

func placePlan(path string, p *plan.Plan) ([]byte, error) {
	encoded, err := p.Encode()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return makeOnce(path, encoded)
}
