package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// pauses lets every attempt of a step end in the same way, and returns the pauses before the further ones.
func pauses(t *testing.T, b engine.Budget, o record.Outcome) []time.Duration {
	t.Helper()
	s := engine.Step{Name: "a"}
	switch o {
	case record.Failed:
		s.Failed = b
	case record.Lost:
		s.Lost = b
	case record.NotStarted:
		s.NotStarted = b
	}
	r := newRig(t, engine.Plan{Steps: []engine.Step{s}})
	r.expect("start a/1")
	var pauses []time.Duration
	for attempt := 1; ; attempt++ {
		r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", attempt, o)}})
		r.answer("a", engine.Answer{})
		r.expect(fmt.Sprintf("confirm a/%d", attempt))
		r.absent("a")
		before := r.now
		commands := r.commands()
		if r.Done() {
			r.ends("a", o)
			return pauses
		}
		if len(commands) == 0 {
			r.now = r.Wake()
			r.sleep(-time.Nanosecond)
			r.expect()
			r.sleep(time.Nanosecond)
			commands = r.commands()
		}
		if diff := cmp.Diff([]string{fmt.Sprintf("start a/%d", attempt+1)}, commands); diff != "" {
			t.Fatalf("commands (-want +got):\n%s", diff)
		}
		pauses = append(pauses, r.now.Sub(before))
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tt := range map[string]struct {
		budget engine.Budget
		want   []time.Duration
	}{
		"none":                   {engine.Budget{}, nil},
		"negative":               {engine.Budget{Retries: -1}, nil},
		"at once":                {engine.Budget{Retries: 2}, []time.Duration{0, 0}},
		"even":                   {engine.Budget{Retries: 3, Delay: s}, []time.Duration{s, s, s}},
		"factor below 1 is 1":    {engine.Budget{Retries: 2, Delay: s, Factor: 0.1}, []time.Duration{s, s}},
		"growing":                {engine.Budget{Retries: 4, Delay: s, Factor: 3}, []time.Duration{s, 3 * s, 9 * s, 27 * s}},
		"capped":                 {engine.Budget{Retries: 4, Delay: s, Factor: 3, Cap: 5 * s}, []time.Duration{s, 3 * s, 5 * s, 5 * s}},
		"cap below the delay":    {engine.Budget{Retries: 1, Delay: 9 * s, Cap: s}, []time.Duration{s}},
		"no delay, large factor": {engine.Budget{Retries: 3, Factor: 1e300}, []time.Duration{0, 0, 0}},
		"large factor, capped":   {engine.Budget{Retries: 3, Delay: s, Factor: 1e300, Cap: 2 * s}, []time.Duration{s, 2 * s, 2 * s}},
	} {
		for _, o := range []record.Outcome{record.Failed, record.Lost, record.NotStarted} {
			t.Run(name+"/"+string(o), func(t *testing.T) {
				t.Parallel()
				if diff := cmp.Diff(tt.want, pauses(t, tt.budget, o)); diff != "" {
					t.Errorf("pauses (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestHugePauseIsAPause(t *testing.T) {
	t.Parallel()
	got := pauses(t, engine.Budget{Retries: 3, Delay: time.Hour, Factor: 1e300}, record.Failed)
	if got[1] < 100*365*24*time.Hour || got[2] < got[1] {
		t.Errorf("pauses = %v, want ones of more than a hundred years", got)
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	b := engine.Budget{Retries: 50, Delay: time.Minute, Jitter: 0.5}
	got := pauses(t, b, record.Failed)
	seen := map[time.Duration]bool{}
	for _, pause := range got {
		if pause > time.Minute || pause < 30*time.Second {
			t.Errorf("pause %s is outside of the half that is left to chance", pause)
		}
		seen[pause] = true
	}
	if len(seen) < 40 {
		t.Errorf("%d of 50 pauses differ", len(seen))
	}
	if again := pauses(t, b, record.Failed); !cmp.Equal(got, again) {
		t.Error("another orchestrator of the run would choose other pauses")
	}
}

func TestBudgetsAreSpentApart(t *testing.T) {
	t.Parallel()
	two := engine.Budget{Retries: 1}
	r := newRig(t, engine.Plan{Steps: []engine.Step{{Name: "a", Failed: two, Lost: two, NotStarted: two}}})
	r.observe("a", engine.Observation{Closed: []record.Attempt{
		closed("a", 1, record.Failed), closed("a", 2, record.Lost), closed("a", 3, record.NotStarted),
	}})
	r.expect("confirm a/3")
	r.absent("a")
	r.expect("start a/4")
	r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", 4, record.Lost)}})
	r.answer("a", engine.Answer{})
	r.expect("confirm a/4")
	r.absent("a")
	r.expect()
	r.ends("a", record.Lost)
}

func TestPermanentEndsAreNotRetried(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	end := closed("s0", 1, record.Failed)
	end.Permanent = true
	r.observe("s0", engine.Observation{Closed: []record.Attempt{end}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.Failed)
}
