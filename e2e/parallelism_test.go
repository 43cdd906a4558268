package e2e

import (
	"cmp"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/watch"

	"github.com/org/k8sorch/cli"
)

func TestMaxParallelism(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=wide"}, args: []string{"--max-parallelism", "2"}})
	c.wantExit(t, cli.ExitSucceeded)
	s.catchUp(t)
	if got := s.mostAtOnce(t); got != 2 {
		t.Errorf("up to %d steps were under way at once, want 2", got)
	}
}

// mostAtOnce returns how many steps were under way at the busiest moment. A step is from the creation of its pod until
// its result is recorded.
func (s *scene) mostAtOnce(t *testing.T) int {
	t.Helper()
	type turn struct {
		at   uint64
		more int
	}
	var turns []turn
	for _, c := range s.pods.all() {
		if c.kind == watch.Added && isAnyStep(c.object) {
			turns = append(turns, turn{c.version(t), 1})
		}
	}
	for _, c := range s.records.all() {
		if c.kind == watch.Added && isRecord("result")(c.object) {
			turns = append(turns, turn{c.version(t), -1})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	now, most := 0, 0
	for _, turn := range turns {
		now += turn.more
		most = max(most, now)
	}
	return most
}
