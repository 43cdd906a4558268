// Package reexec tells one process of the binary which role it plays.
//
// The client sets the role in the environment of the processes it makes (pods, children); the library reads it there
// once and unsets it, so that what the user's code starts does not inherit it.
package reexec

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
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
	Kind Kind `json:"role,omitempty"`
	// Run and Pipeline name the run; Step and Attempt the attempt, in the role Step.
	Run      string `json:"run,omitempty"`
	Pipeline string `json:"pipeline,omitempty"`
	Step     string `json:"step,omitempty"`
	Attempt  int    `json:"attempt,omitempty"`
	// UID identifies this process or pod.
	UID string `json:"uid,omitempty"`
	// Schedule is the schedule that the run is one of, in the role Orchestrator; empty for a run that was submitted.
	Schedule string `json:"schedule,omitempty"`
	// Namespace and Job are where the run lives on Kubernetes; empty for processes.
	Namespace string `json:"namespace,omitempty"`
	Job       string `json:"job,omitempty"`
	// JobUID and PlanUID are the UIDs of the objects that own what the run makes there.
	JobUID  string `json:"jobUID,omitempty"`
	PlanUID string `json:"planUID,omitempty"`
	// Dir is the directory of the plan and of the inputs' records and values; [PodDir] in a pod.
	Dir string `json:"-"`
	// Report is the file that takes the attempt's report, or the probe's answer; [PodReport] in a pod.
	Report string `json:"-"`
	// ReportSize is how many bytes of a report arrive, where that is less than usual; 0 otherwise.
	ReportSize int `json:"reportSize,omitempty"`
	// Room is how many bytes of inline value the run's records still have room for.
	Room int64 `json:"room,omitempty"`
	// Grace is how long a step has to end once it is asked to.
	Grace time.Duration `json:"grace,omitempty"`
	// Token is the token of the run, in the role Step; empty where it has none. It is a secret.
	Token string `json:"-"`
	// AccountToken is a token of the pod's service account, and CA what certifies the API server, in PEM. They are set in the role
	// Step where variables bring them; elsewhere a pod has them in files, or has none. The token is a secret.
	AccountToken string `json:"-"`
	CA           string `json:"-"`
	// CacheMiss is why no earlier value was taken, where somebody has looked for one before this process began.
	CacheMiss string `json:"cacheMiss,omitempty"`
}

// Where each pod has its directory and its report, so that none needs to be told.
const (
	PodDir = "/var/run/k8sorch"
	// PodReport is where Kubernetes looks for what a container leaves, unless its manifest says otherwise.
	PodReport = "/dev/termination-log"
)

// EnvPrefix is what the names of all of the library's environment variables begin with.
const EnvPrefix = "K8SORCH_"

// Names of the environment variables. One has nearly all that is known when a process or pod is made: the API server keeps a book
// of each variable of a pod by itself (metadata.managedFields), goes through it with each change of the pod's status, and
// everyone who watches the pod decodes it.
const (
	EnvTask         = EnvPrefix + "TASK"
	EnvToken        = EnvPrefix + "TOKEN"
	EnvAccountToken = EnvPrefix + "ACCOUNT_TOKEN"
	EnvCA           = EnvPrefix + "CA"
	// EnvDir and EnvReport are apart, since paths are any bytes, which the task cannot have in it. Who is told none has those of
	// a pod.
	EnvDir    = EnvPrefix + "DIR"
	EnvReport = EnvPrefix + "REPORT"
	// EnvRun and those after it are for manifests that fill them from the pod's own fields or add them later. They win over what the
	// task says.
	EnvRun       = EnvPrefix + "RUN"
	EnvUID       = EnvPrefix + "UID"
	EnvJob       = EnvPrefix + "JOB"
	EnvJobUID    = EnvPrefix + "JOB_UID"
	EnvCacheMiss = EnvPrefix + "CACHE_MISS"
)

// Env returns the variables that give a process the role, in the form of [os.Environ].
func (r Role) Env() []string {
	var env []string
	for _, v := range r.Vars() {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}

// Var is one environment variable.
type Var struct{ Name, Value string }

// Vars returns the variables that give a process the role, always in the same order. What goes without saying is left out.
func (r Role) Vars() []Var {
	// A struct of strings and numbers can always be encoded.
	task, _ := json.Marshal(r)
	var set []Var
	for _, v := range []struct{ name, value, unsaid string }{
		{EnvTask, string(task), "{}"}, {EnvDir, r.Dir, PodDir}, {EnvReport, r.Report, PodReport}, {EnvToken, r.Token, ""},
		{EnvAccountToken, r.AccountToken, ""}, {EnvCA, r.CA, ""},
	} {
		if v.value != "" && v.value != v.unsaid {
			set = append(set, Var{v.name, v.value})
		}
	}
	return set
}

// EnvNames returns the names of all variables that may carry a part of a role.
func EnvNames() []string {
	return []string{EnvTask, EnvToken, EnvAccountToken, EnvCA, EnvDir, EnvReport, EnvRun, EnvUID, EnvJob, EnvJobUID, EnvCacheMiss}
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
	task := get(EnvTask)
	if task == "" {
		return Role{}, nil
	}
	var r Role
	if err := json.Unmarshal([]byte(task), &r); err != nil {
		return Role{}, fmt.Errorf("reading %s: %w", EnvTask, err)
	}
	switch r.Kind {
	case Orchestrator, Step, Probe:
	default:
		return Role{}, fmt.Errorf("reading %s: %q is not a role", EnvTask, r.Kind)
	}
	r.Token, r.Dir, r.Report = get(EnvToken), cmp.Or(get(EnvDir), PodDir), cmp.Or(get(EnvReport), PodReport)
	for name, part := range map[string]*string{
		EnvAccountToken: &r.AccountToken, EnvCA: &r.CA,
		EnvRun: &r.Run, EnvUID: &r.UID, EnvJob: &r.Job, EnvJobUID: &r.JobUID, EnvCacheMiss: &r.CacheMiss,
	} {
		if value := get(name); value != "" {
			*part = value
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
