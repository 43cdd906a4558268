package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// Explanation says why a step is not running, or why it did not succeed, and what can be done about it.
type Explanation struct {
	// Step is the name of a step or hook; empty for the run's orchestrator.
	Step string `json:"step,omitempty"`
	// State is where the step stands; empty once it has an outcome.
	State string `json:"state,omitempty"`
	// Outcome is how the step ended; empty while it has not.
	Outcome Outcome `json:"outcome,omitempty"`
	// Reason is one word in CamelCase, where there is one: Unschedulable, ImagePullBackOff, OOMKilled, ….
	Reason string `json:"reason,omitempty"`
	// Message is the reason in words: the cluster's, the step's own, or the library's.
	Message string `json:"message,omitempty"`
	// Remedy says what to do; empty where there is nothing to be done but to wait, or nothing is known.
	Remedy string `json:"remedy,omitempty"`
}

// Why returns an explanation for each step, and each hook that the run called for, that neither runs nor has succeeded, and
// one for an orchestrator that does not run. Of pods that wait, what only their events tell is asked for as well; without the
// right to list events it is left out.
func (h *Handle) Why(ctx context.Context) ([]Explanation, error) { return h.run.why(ctx) }

func (r *clusterRun) why(ctx context.Context) ([]Explanation, error) {
	run, err := r.status(ctx)
	if err != nil {
		return nil, err
	}
	explained := explain(run, r.plan.Engine)
	if e, waits := r.whyNoOrchestrator(ctx, run); waits {
		explained = append([]Explanation{e}, explained...)
	}
	asked := 0
	for i, e := range explained {
		step, _ := stepNamed(run.all(), e.Step)
		if e.State != string(engine.Waiting) || asked == maxAsked {
			continue
		}
		asked++
		if said, err := kube.WhyNotRunning(ctx, r.conn.Client, r.ref.Namespace, r.podName(step.Name, step.Attempts), ""); err == nil {
			explained[i].add(said)
		}
	}
	return explained, nil
}

// whyNoOrchestrator explains why the run's orchestrator does not run, if it does not though it should.
func (r *clusterRun) whyNoOrchestrator(ctx context.Context, run *Run) (Explanation, bool) {
	if run.State != RunSuspended && run.State != RunStarting {
		return Explanation{}, false
	}
	e := Explanation{State: string(run.State), Message: run.Message}
	if run.State == RunSuspended {
		e.Remedy = "see what the queue says of the Job, or have it resumed"
	}
	if said, err := kube.WhyNoOrchestrator(ctx, r.conn.Client, r.ref); err == nil {
		e.add(said)
	}
	return e, true
}

// add adds what events say beyond what is known, and takes the newest one's reason where there is none yet that tells
// something.
func (e *Explanation) add(said string) {
	for line := range strings.Lines(said) {
		reason, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if text == "" || strings.Contains(e.Message, text) {
			continue
		}
		if e.Remedy == "" {
			e.Reason, e.Remedy = reason, remedy(reason)
		}
		e.Message = strings.TrimPrefix(e.Message+"\n"+strings.TrimSpace(line), "\n")
	}
}

// explain explains what a status tells of the steps.
func explain(run *Run, p engine.Plan) []Explanation {
	var explained []Explanation
	needs := map[string][]string{}
	for _, s := range p.Steps {
		needs[s.Name] = s.Needs
	}
	for _, s := range run.all() {
		if s.Outcome == Succeeded || s.State == string(engine.Running) {
			continue
		}
		e := Explanation{Step: s.Name, State: s.State, Outcome: s.Outcome, Reason: s.Reason, Message: s.Message}
		if s.Outcome == "" {
			e.Reason, e.Message = reasonOf(s.Why), cmp.Or(s.Why, awaited(run, needs[s.Name]), awaitsOrchestrator(run))
		}
		e.Remedy = remedy(e.Reason)
		explained = append(explained, e)
	}
	return explained
}

// reasonOf returns the word in CamelCase with which a cluster's words about an attempt begin; empty where there is none.
func reasonOf(why string) string {
	word, _, _ := strings.Cut(why, ":")
	if strings.ContainsAny(word, " ,.") || word == strings.ToLower(word) {
		return ""
	}
	return word
}

// awaitsOrchestrator is why a step does not begin that waits for no other step, while nobody is there to begin it.
func awaitsOrchestrator(run *Run) string {
	if run.State == RunSuspended || run.State == RunStarting {
		return "waits for the orchestrator"
	}
	return ""
}

// awaited names the steps that a step waits for.
func awaited(run *Run, needs []string) string {
	var missing []string
	for _, need := range needs {
		if s, _ := run.Step(need); s.Outcome != Succeeded {
			missing = append(missing, fmt.Sprintf("%s (%s)", need, cmp.Or(s.State, string(s.Outcome))))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "waits for " + strings.Join(missing, ", ")
}
