package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// statusCase is how a second step comes to be where it stands, and what is told of it.
type statusCase struct {
	moves func(*rig)
	want  engine.Status
}

func checkStatus(t *testing.T, cases map[string]statusCase) {
	t.Helper()
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, chain(2))
			tt.moves(r)
			tt.want.Step = "s1"
			if diff := cmp.Diff(tt.want, r.Status("s1")); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

// began is when the attempts of these tests began to run.
func began() time.Time { return time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC) }

// since returns the sighting with that time.
func since(sg engine.Sighting) engine.Sighting {
	sg.Started = began()
	return sg
}

func leaving() engine.Sighting {
	sg := since(running(1))
	sg.Deleting = true
	return sg
}

func TestStatusOfAnAttempt(t *testing.T) {
	t.Parallel()
	checkStatus(t, map[string]statusCase{
		"pending":  {func(r *rig) {}, engine.Status{State: engine.Pending}},
		"starting": {start, engine.Status{State: engine.Starting, Attempt: 1}},
		"waiting": {
			func(r *rig) { start(r); r.see("s1", waiting(1, "ErrImagePull")) },
			engine.Status{State: engine.State(engine.Waiting), Attempt: 1, Why: "ErrImagePull"},
		},
		"waiting, in words": {
			func(r *rig) {
				start(r)
				r.see("s1", engine.Sighting{Attempt: 1, Phase: engine.Queued, Reason: "Gated", Message: "by kueue"})
			},
			engine.Status{State: engine.State(engine.Queued), Attempt: 1, Why: "Gated: by kueue"},
		},
		"waiting, in words only": {
			func(r *rig) {
				start(r)
				r.see("s1", engine.Sighting{Attempt: 1, Phase: engine.Waiting, Message: "no node"})
			},
			engine.Status{State: engine.State(engine.Waiting), Attempt: 1, Why: "no node"},
		},
		"running": {
			func(r *rig) { start(r); r.see("s1", since(running(1))) },
			engine.Status{State: engine.State(engine.Running), Attempt: 1, Started: began()},
		},
		"running on a node that does not answer": {
			func(r *rig) {
				start(r)
				sg := leaving()
				sg.Reason, sg.Message = "NodeNotReady", "node n-3 does not answer or is not ready"
				r.see("s1", sg)
				r.expect() // its process may go on
			},
			engine.Status{
				State: engine.State(engine.Running), Attempt: 1, Started: began(),
				Why: "its attempt is on its way out: NodeNotReady: node n-3 does not answer or is not ready",
			},
		},
		"on its way out": {
			func(r *rig) { start(r); r.see("s1", leaving()) },
			engine.Status{State: engine.State(engine.Running), Attempt: 1, Started: began(), Why: "its attempt is on its way out"},
		},
	})
}

func TestStatusOfAnAttemptThatGoes(t *testing.T) {
	t.Parallel()
	checkStatus(t, map[string]statusCase{
		"ended": {
			func(r *rig) { start(r); r.see("s1", since(failed(1))) },
			engine.Status{State: engine.Ending, Attempt: 1, Started: began()},
		},
		"out of sight": {
			func(r *rig) { start(r); r.see("s1", since(running(1))); r.see("s1") },
			engine.Status{State: engine.Ending, Attempt: 1, Why: "its attempt is out of sight"},
		},
		"being removed": {
			func(r *rig) {
				start(r)
				r.observe("s1", engine.Observation{Closed: []record.Attempt{closed("s1", 1, record.Stopped)}, Sightings: []engine.Sighting{leaving()}})
			},
			engine.Status{
				State: engine.Ending, Attempt: 1, Started: began(), Why: "its attempt is being removed",
				Closed: []record.Attempt{closed("s1", 1, record.Stopped)},
			},
		},
	})
}

func TestStatusOfAStepBetweenAndAfterAttempts(t *testing.T) {
	t.Parallel()
	checkStatus(t, map[string]statusCase{
		"retrying": {
			func(r *rig) {
				start(r)
				r.observe("s1", engine.Observation{Closed: []record.Attempt{closed("s1", 1, record.Lost)}, Sightings: []engine.Sighting{since(failed(1))}})
			},
			engine.Status{
				State: engine.Retrying, Attempt: 1, Started: began(), Why: "attempt 1 ended as Lost, the next one begins 1s later",
				Closed: []record.Attempt{closed("s1", 1, record.Lost)},
			},
		},
		"succeeded": {
			func(r *rig) {
				start(r)
				r.observe("s1", engine.Observation{Result: &record.Result{Attempt: 2, Started: began()}, Sightings: []engine.Sighting{running(3)}})
				r.answer("s1", engine.Answer{})
				r.commands()
			},
			engine.Status{State: engine.Done, Attempt: 2, Started: began(), Outcome: record.Succeeded, Result: &record.Result{Attempt: 2, Started: began()}},
		},
		"failed": {
			func(r *rig) {
				start(r)
				r.answer("s1", engine.Answer{})
				r.observe("s1", engine.Observation{Closed: []record.Attempt{forGood(closed("s1", 1, record.Failed))}, Sightings: []engine.Sighting{since(failed(1))}})
				r.expect("confirm s1/1")
				r.shown("s1", since(failed(1)))
				r.expect()
			},
			engine.Status{
				State: engine.Done, Attempt: 1, Started: began(), Outcome: record.Failed,
				End: forGood(closed("s1", 1, record.Failed)).End, Closed: []record.Attempt{forGood(closed("s1", 1, record.Failed))},
			},
		},
		"skipped": {
			func(r *rig) { r.Stop("enough"); r.commands() },
			engine.Status{
				State: engine.Done, Why: "enough", Outcome: record.Skipped,
				End: record.End{Outcome: record.Skipped, Reason: "Skipped", Message: "enough"},
			},
		},
	})
}

// forGood returns the attempt as one after which there is no other.
func forGood(a record.Attempt) record.Attempt {
	a.Permanent = true
	return a
}

// start lets the first step succeed, and the second one be started.
func start(r *rig) {
	r.Helper()
	r.succeed("s0", 1)
	r.expect("start s1/1")
}

func TestStatusOfAStepThatWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.MaxParallelism = 1
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	want := engine.Status{Step: "s1", State: engine.Ready, Why: "waits for a free place: MaxParallelism is 1"}
	if diff := cmp.Diff(want, r.Status("s1")); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestWhyAStepThatIsReadyIsNotStarted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plan  func(*engine.Plan)
		moves func(*rig)
		want  string
	}{
		"stagger": {
			func(p *engine.Plan) { p.Stagger = 7 * time.Second }, func(*rig) {}, "waits for its turn: starts are 7s apart",
		},
		"a failure that is not certain yet": {
			func(p *engine.Plan) { p.Mode, p.MaxParallelism, p.Steps[1].Lost.Retries = engine.StopOnFailure, 1, 0 },
			func(r *rig) {
				r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Lost)}})
				r.answer("s0", engine.Answer{})
				r.commands()
			},
			"waits to see whether another step has failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := fan(2)
			tt.plan(&p)
			r := newRig(t, p)
			r.succeed("root", 1)
			r.expect("start s0/1")
			tt.moves(r)
			if diff := cmp.Diff(engine.Status{Step: "s1", State: engine.Ready, Why: tt.want}, r.Status("s1")); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

// One who only looks starts nothing, and has to tell steps that wait for a place from the start.
func TestOneWhoOnlyLooksKnowsWhyStepsWait(t *testing.T) {
	t.Parallel()
	p := fan(3)
	p.MaxParallelism = 2
	r := newViewerRig(t, p)
	r.succeed("root", 1)
	r.expect()
	if got := r.Status("s2").Why; got != "waits for a free place: MaxParallelism is 2" {
		t.Errorf("why = %q", got)
	}
}

func TestWhyTheNextAttemptIsNotStarted(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.MaxParallelism = 1
	p.Steps[1].Failed = engine.Budget{Retries: 1, Delay: 90 * time.Second}
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Failed)}})
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("start s1/1")
	why := func(want string) {
		t.Helper()
		if st := r.Status("s0"); st.State != engine.Retrying || st.Why != want {
			t.Errorf("status = %+v, want it to be retried: %s", st, want)
		}
	}
	why("attempt 1 ended as Failed, the next one begins 1m30s later")
	r.sleep(90 * time.Second)
	r.expect()
	why("attempt 1 ended as Failed; the next one waits for a free place: MaxParallelism is 1")
}

func TestLastAttemptIsNotRetried(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	end := closed("s0", 1, record.Failed)
	end.Permanent = true
	r.observe("s0", engine.Observation{Closed: []record.Attempt{end}})
	r.expect("confirm s0/1")
	if st := r.Status("s0"); st.State != engine.Ending {
		t.Errorf("status = %+v, want it to end", st)
	}
}

func TestWhyAStartIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.refused("s0", engine.Refusal{Reason: "Forbidden", Message: "no right to create pods"})
	r.expect("confirm s0/1")
	if st := r.Status("s0"); st.State != engine.Starting || st.Why != "Forbidden: no right to create pods" {
		t.Errorf("status = %+v, want the refusal", st)
	}
}

func TestTroubleShowsUntilTheAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.Trouble(r.last["s0"], "cannot start attempt 1: no route")
	if got := r.Status("s0").Why; got != "cannot start attempt 1: no route" {
		t.Errorf("why = %q", got)
	}
	r.answer("s0", engine.Answer{})
	r.Trouble(r.last["s0"], "too late")
	if got := r.Status("s0").Why; got != "" {
		t.Errorf("why = %q after the answer", got)
	}
}

func TestStatusIsACopy(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 2, record.Lost)}})
	before := r.Status("s0")
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Failed), closed("s0", 2, record.Failed)}})
	if got := before.Closed[0]; got.Attempt != 2 || got.Outcome != record.Lost {
		t.Errorf("what was told before has become %+v", got)
	}
}
