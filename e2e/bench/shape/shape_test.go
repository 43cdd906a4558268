package shape

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Step{
		"chain:3":    {{Name: "step-0"}, {Name: "step-1", Needs: []int{0}}, {Name: "step-2", Needs: []int{1}}},
		"fan:2":      {{Name: "step-0"}, {Name: "step-1", Needs: []int{0}}, {Name: "step-2", Needs: []int{0}}, {Name: "step-3", Needs: []int{1, 2}}},
		"layers:2x2": {{Name: "step-0"}, {Name: "step-1"}, {Name: "step-2", Needs: []int{0, 1}}, {Name: "step-3", Needs: []int{1, 0}}},
		"layers:2x1": {{Name: "step-0"}, {Name: "step-1", Needs: []int{0}}},
		"idle:2m":    {{Name: "step-0", Takes: 2 * time.Minute}},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			s, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, s.Steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "chain", "chain:", "chain:0", "chain:3x", "layers:3", "idle:soon", "random:3:1", "training:1", "training:1/0", "circle:3"} {
		if s, err := Parse(text); err == nil {
			t.Errorf("%q: made %d steps of it", text, len(s.Steps))
		}
	}
}

func TestRandomIsDrawnByItsSeed(t *testing.T) {
	t.Parallel()
	parse := func(text string) Shape {
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := parse("random:2000:1:1s")
	if diff := cmp.Diff(one, parse("random:2000:1:1s")); diff != "" {
		t.Errorf("one seed makes two graphs:\n%s", diff)
	}
	if cmp.Equal(one.Steps, parse("random:2000:2:1s").Steps) {
		t.Error("two seeds make one graph")
	}
	edges := 0
	for _, s := range one.Steps {
		edges += len(s.Needs)
	}
	if mean := float64(edges) / 2000; mean < 2.8 || mean > 3.2 {
		t.Errorf("a step needs %f others on average, want about 3", mean)
	}
	var took []time.Duration
	for _, s := range one.Steps {
		took = append(took, s.Takes)
	}
	slices.Sort(took)
	if median := took[1000]; median < 900*time.Millisecond || median > 1100*time.Millisecond {
		t.Errorf("steps take %s, want about 1s", median)
	}
}

func TestCriticalPath(t *testing.T) {
	t.Parallel()
	s := Shape{Steps: []Step{
		{Takes: 5}, {Takes: 1}, {Takes: 1, Needs: []int{1}}, {Takes: 1, Needs: []int{0, 2}}, {Takes: 2, Needs: []int{2}},
	}}
	if got := s.CriticalPath(); got != 6 {
		t.Errorf("critical path %d, want 6", got)
	}
	s.Steps[4].Fails = 2
	if got := s.CriticalPath(); got != 8 {
		t.Errorf("critical path %d with two attempts more of 2 each, want 8", got)
	}
}

func TestTraining(t *testing.T) {
	t.Parallel()
	s, err := Parse("training:1/60")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Steps) != 12 || !s.Retries() {
		t.Errorf("%d steps, that are retried: %t", len(s.Steps), s.Retries())
	}
	shortest, longest := s.Steps[0].Takes, s.Steps[0].Takes
	for _, step := range s.Steps {
		shortest, longest = min(shortest, step.Takes), max(longest, step.Takes)
	}
	if shortest < 83*time.Millisecond || shortest > 84*time.Millisecond || longest.Round(time.Millisecond) != 10*time.Second {
		t.Errorf("steps take from %s to %s, want a sixtieth of 5 s and of 10 min", shortest, longest)
	}
	if again, err := Parse("chain:3"); err != nil || again.Retries() {
		t.Errorf("a chain is retried: %v", err)
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	want := []Step{
		{Name: "0/a", Takes: 1}, {Name: "0/b", Needs: []int{0}, Fails: 1},
		{Name: "1/a", Takes: 1}, {Name: "1/b", Needs: []int{2}, Fails: 1},
	}
	one := Shape{Steps: []Step{{Name: "a", Takes: 1}, {Name: "b", Needs: []int{0}, Fails: 1}}}
	if diff := cmp.Diff(want, one.Copies(2).Steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	s, err := Parse("fan:2")
	if err != nil {
		t.Fatal(err)
	}
	p, ready := s.Start()
	var got [][]string
	for _, end := range []string{"step-0", "step-1", "step-1", "orchestrator", "step-2"} {
		got = append(got, ready)
		ready = p.End(end)
	}
	got = append(got, ready)
	want := [][]string{{"step-0"}, {"step-1", "step-2"}, nil, nil, nil, {"step-3"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ready (-want +got):\n%s", diff)
	}
	if p.Over() {
		t.Error("it is over before the last step has ended")
	}
	if p.End("step-3"); !p.Over() {
		t.Error("it is not over though all have ended")
	}
}
