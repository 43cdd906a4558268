package enginetest

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func testResult(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Succeed)
	s := o.succeed()
	got := *o.View("succeed").Result
	if got.Finished.Before(got.Started) || got.Started.IsZero() {
		t.Errorf("started %v, finished %v, want them in that order", got.Started, got.Finished)
	}
	value := Value("succeed")
	want := record.Result{Run: subject.Run, Step: "succeed", Attempt: 1, UID: s.UID, Digest: string(artifact.Sum(value)), Size: int64(len(value))}
	want.Started, want.Finished, want.Inline = got.Started, got.Finished, got.Inline // where it is kept is the cluster's affair
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func testEnds(t *testing.T, factory Factory) {
	wants := map[Behaviour]struct {
		end  record.End
		says string
	}{
		Fail:        {record.End{Outcome: record.Failed, Reason: "Error"}, Failure},
		FailForGood: {record.End{Outcome: record.Failed, Reason: "Error", Permanent: true}, Failure},
		Panic:       {record.End{Outcome: record.Failed, Reason: "Panic"}, Failure},
		Exit3:       {record.End{Outcome: record.Failed, Reason: "ExitCode", ExitCode: 3}, "exit"},
		Exit0:       {record.End{Outcome: record.Failed, Reason: "NoResult"}, ""},
		Killed:      {record.End{Outcome: record.Lost, Reason: "Killed"}, "somebody"},
	}
	_, o := open(t, factory, slices.Collect(maps.Keys(wants))...)
	for behaviour, want := range wants {
		s := o.start(string(behaviour), 1, engine.Ended)
		if s.Result != nil || s.UID == "" || s.Deleting || s.Started.IsZero() {
			t.Errorf("%s: sighting = %+v, want it with a UID and a start, and no result", behaviour, s)
		}
		if !strings.Contains(s.End.Message, want.says) {
			t.Errorf("%s: message = %q, want it to say %q", behaviour, s.End.Message, want.says)
		}
		s.End.Message = ""
		if want.end.ExitCode == 0 {
			s.End.ExitCode = 0 // 1, or 137, or none where there is no process
		}
		if diff := cmp.Diff(want.end, s.End); diff != "" {
			t.Errorf("%s: end (-want +got):\n%s", behaviour, diff)
		}
	}
}

func testMessages(t *testing.T, factory Factory) {
	behaviours := []Behaviour{Fail, Panic, Exit3, Exit0, Killed}
	_, o := open(t, factory, behaviours...)
	said := map[string]Behaviour{}
	for _, b := range behaviours {
		message := o.start(string(b), 1, engine.Ended).End.Message
		if other, taken := said[message]; taken || message == "" {
			t.Errorf("%s ends with the message %q, as %q does", b, message, other)
		}
		said[message] = b
	}
}

func testStartAdopts(t *testing.T, factory Factory) {
	_, o := open(t, factory, Hang)
	first := o.start("hang", 1, engine.Running)
	second := o.start("hang", 1, engine.Running)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the attempt after another start (-want +got):\n%s", diff)
	}
	if all := o.View("hang").Sightings; len(all) != 1 {
		t.Errorf("sightings = %+v, want one", all)
	}
}

func testStartsAtOnce(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Hang)
	other := watch(t, subject)
	var group sync.WaitGroup
	for _, c := range []*observer{o, other, o, other} {
		group.Go(func() {
			if err := c.Start(t.Context(), "hang", 1); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	uid := o.start("hang", 1, engine.Running).UID
	if got := other.start("hang", 1, engine.Running).UID; got != uid {
		t.Errorf("two clusters see the attempts %s and %s, want the same", uid, got)
	}
}

func testNextAttempt(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Fail)
	first := o.start("fail", 1, engine.Ended)
	o.must(o.Close(t.Context(), someClosing(subject.Run, "fail", 1, "no rows")))
	second := o.start("fail", 2, engine.Ended)
	if first.UID == second.UID {
		t.Errorf("both attempts have the UID %s", first.UID)
	}
}

func testRemoveRunning(t *testing.T, factory Factory) {
	_, o := open(t, factory, Hang)
	s := o.start("hang", 1, engine.Running)
	for range 2 {
		o.must(o.Remove(t.Context(), "hang", 1, s.UID))
		if now := sighting(o.View("hang"), 1); now != nil && now.Phase != engine.Ended && !now.Deleting {
			t.Errorf("after Remove the attempt is %+v, want it on its way out", now)
		}
	}
	o.untilGone("hang", 1)
	o.must(o.Remove(t.Context(), "hang", 1, s.UID))
	if again := o.start("hang", 2, engine.Running); again.UID == s.UID {
		t.Errorf("the next attempt has the UID of the removed one")
	}
}

func testRemoveEnded(t *testing.T, factory Factory) {
	_, o := open(t, factory, Fail)
	s := o.start("fail", 1, engine.Ended)
	for range 2 {
		o.must(o.Remove(t.Context(), "fail", 1, s.UID))
	}
	o.untilGone("fail", 1)
}

func testForceRemove(t *testing.T, factory Factory) {
	_, o := open(t, factory, Hang)
	s := o.start("hang", 1, engine.Running)
	o.must(o.ForceRemove(t.Context(), "hang", 1, "another"))
	if truth := o.confirm("hang", 1); truth.Sighting == nil || truth.Sighting.UID != s.UID {
		t.Errorf("after ForceRemove of another attempt there is %+v", truth.Sighting)
	}
	o.must(o.Remove(t.Context(), "hang", 1, s.UID))
	for range 2 {
		o.must(o.ForceRemove(t.Context(), "hang", 1, s.UID))
	}
	o.untilGone("hang", 1)
}

func testRemoveSparesOthers(t *testing.T, factory Factory) {
	_, o := open(t, factory, Hang)
	o.must(o.Remove(t.Context(), "hang", 1, "none"))
	s := o.start("hang", 1, engine.Running)
	o.must(o.Remove(t.Context(), "hang", 1, "another"))
	truth := o.confirm("hang", 1)
	if truth.Sighting == nil || truth.Sighting.UID != s.UID || truth.Sighting.Deleting {
		t.Errorf("after another's Remove the attempt is %+v, want it as it was: %+v", truth.Sighting, s)
	}
}
