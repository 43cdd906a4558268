// Package reexec tells one process of the binary which role it plays.
//
// The client sets the role in the environment of the processes it makes (pods, children); the library reads it there
// once and unsets it, so that what the user's code starts does not inherit it.
package reexec

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Kind is what a process of the binary is there for.
type Kind string

const (
	// Client is the role of a process that nobody gave one: it submits runs and follows them.
	Client Kind = ""
	// Orchestrator walks the graph of one run and starts its attempts.
	Orchestrator Kind = "orchestrator"
	// Step runs one attempt of one step.
	Step Kind = "step"
	// Probe reports the graph that main builds, and ends.
	Probe Kind = "probe"
)

// Role is everything a process is told about itself.
type Role struct {
	Kind Kind
	// Run and Pipeline name the run; Step and Attempt the attempt, in the role Step.
	Run, Pipeline, Step string
	Attempt             int
	// UID identifies this process or pod.
	UID string
	// Schedule is the schedule that the run is one of, in the role Orchestrator; empty for a run that was submitted.
	Schedule string
	// Namespace and Job are where the run lives on Kubernetes; empty for processes.
	Namespace, Job string
	// JobUID and PlanUID are the UIDs of the objects that own what the run makes there.
	JobUID, PlanUID string
	// Dir is the directory of the plan and of the inputs' records and values.
	Dir string
	// Report is the file that takes the attempt's report, or the probe's answer.
	Report string
	// ReportSize is how many bytes of a report arrive, where that is less than usual; 0 otherwise.
	ReportSize int
	// Room is how many bytes of inline value the run's records still have room for.
	Room int64
	// Grace is how long a step has to end once it is asked to.
	Grace time.Duration
	// Token is the token of the run, in the role Step; empty where it has none. It is a secret.
	Token string
	// CacheMiss is why no earlier value was taken, where somebody has looked for one before this process began.
	CacheMiss string
}

const prefix = "K8SORCH_"

// Names of the environment variables, for manifests that fill some of them from the pod's own fields.
const (
	EnvRole      = prefix + "ROLE"
	EnvRun       = prefix + "RUN"
	EnvPipeline  = prefix + "PIPELINE"
	EnvStep      = prefix + "STEP"
	EnvAttempt   = prefix + "ATTEMPT"
	EnvUID       = prefix + "UID"
	EnvNamespace = prefix + "NAMESPACE"
	EnvJob       = prefix + "JOB"
	EnvJobUID    = prefix + "JOB_UID"
	EnvPlanUID   = prefix + "PLAN_UID"
	EnvDir       = prefix + "DIR"
	EnvReport    = prefix + "REPORT"
	EnvSize      = prefix + "REPORT_SIZE"
	EnvRoom      = prefix + "ROOM"
	EnvGrace     = prefix + "GRACE"
	EnvToken     = prefix + "TOKEN"
	EnvCacheMiss = prefix + "CACHE_MISS"
	EnvSchedule  = prefix + "SCHEDULE"
)

// Env returns the variables that give a process the role, empty ones left out, in the form of [os.Environ].
func (r Role) Env() []string {
	var env []string
	for _, v := range r.Vars() {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}

// Var is one environment variable.
type Var struct{ Name, Value string }

// Vars returns the variables that give a process the role, empty ones left out, always in the same order.
func (r Role) Vars() []Var {
	all := []Var{
		{EnvRole, string(r.Kind)}, {EnvRun, r.Run}, {EnvPipeline, r.Pipeline}, {EnvStep, r.Step},
		{EnvAttempt, number(int64(r.Attempt))}, {EnvUID, r.UID}, {EnvNamespace, r.Namespace}, {EnvJob, r.Job},
		{EnvJobUID, r.JobUID}, {EnvPlanUID, r.PlanUID},
		{EnvDir, r.Dir}, {EnvReport, r.Report}, {EnvSize, number(int64(r.ReportSize))}, {EnvRoom, number(r.Room)}, {EnvGrace, duration(r.Grace)},
		{EnvToken, r.Token}, {EnvCacheMiss, r.CacheMiss}, {EnvSchedule, r.Schedule},
	}
	var set []Var
	for _, v := range all {
		if v.Value != "" {
			set = append(set, v)
		}
	}
	return set
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// EnvNames returns the names of all variables that may carry a part of a role.
func EnvNames() []string {
	return []string{
		EnvRole, EnvRun, EnvPipeline, EnvStep, EnvAttempt, EnvUID,
		EnvNamespace, EnvJob, EnvJobUID, EnvPlanUID, EnvDir, EnvReport, EnvSize, EnvRoom, EnvGrace, EnvToken, EnvCacheMiss, EnvSchedule,
	}
}

// FromEnv reads this process's role from its environment and takes it out of there.
func FromEnv() (Role, error) {
	r, err := Parse(os.Getenv)
	for _, name := range EnvNames() {
		// Unsetenv fails for malformed names only.
		_ = os.Unsetenv(name)
	}
	return r, err
}

// Parse reads a role from variables, as a pod's container would find them.
func Parse(get func(string) string) (Role, error) {
	r := Role{
		Kind: Kind(get(EnvRole)), Run: get(EnvRun), Pipeline: get(EnvPipeline), Step: get(EnvStep), UID: get(EnvUID),
		Namespace: get(EnvNamespace), Job: get(EnvJob), JobUID: get(EnvJobUID), PlanUID: get(EnvPlanUID), Dir: get(EnvDir), Report: get(EnvReport),
		Token: get(EnvToken), CacheMiss: get(EnvCacheMiss), Schedule: get(EnvSchedule),
	}
	switch r.Kind {
	case Client, Orchestrator, Step, Probe:
	default:
		return Role{}, fmt.Errorf("reading %s: %q is not a role", EnvRole, r.Kind)
	}
	var err error
	if v := get(EnvAttempt); v != "" {
		if r.Attempt, err = strconv.Atoi(v); err != nil {
			return Role{}, fmt.Errorf("reading %s: %w", EnvAttempt, err)
		}
	}
	if v := get(EnvSize); v != "" {
		if r.ReportSize, err = strconv.Atoi(v); err != nil {
			return Role{}, fmt.Errorf("reading %s: %w", EnvSize, err)
		}
	}
	if v := get(EnvRoom); v != "" {
		if r.Room, err = strconv.ParseInt(v, 10, 64); err != nil {
			return Role{}, fmt.Errorf("reading %s: %w", EnvRoom, err)
		}
	}
	if v := get(EnvGrace); v != "" {
		if r.Grace, err = time.ParseDuration(v); err != nil {
			return Role{}, fmt.Errorf("reading %s: %w", EnvGrace, err)
		}
	}
	return r, nil
}

type contextKey struct{}

// NewContext returns a context in which r is the role, whatever the environment says. The test kit runs all roles in
// one process this way.
func NewContext(ctx context.Context, r Role) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// FromContext returns the role that NewContext put there.
func FromContext(ctx context.Context) (Role, bool) {
	r, ok := ctx.Value(contextKey{}).(Role)
	return r, ok
}
