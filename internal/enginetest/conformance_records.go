package enginetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func testFirstCommitStands(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Succeed)
	commit := func(attempt int, value string) record.Result {
		t.Helper()
		stands, err := o.Commit(t.Context(), someResult(subject.Run, "succeed", attempt, []byte(value)), []byte(value))
		o.must(err)
		return stands
	}
	first := commit(1, "one")
	if got := o.View("succeed").Result; got == nil || !cmp.Equal(*got, first) {
		t.Errorf("after Commit the view has the result %+v, want %+v", got, first)
	}
	want := someResult(subject.Run, "succeed", 1, []byte("one"))
	want.Inline = first.Inline // where it is kept is the cluster's affair
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(first, commit(1, "one")); diff != "" {
		t.Errorf("record after the same Commit (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(first, commit(2, "two")); diff != "" {
		t.Errorf("record after another Commit (-want +got):\n%s", diff)
	}
	if got := o.View("succeed").Result; got == nil || !cmp.Equal(*got, first) {
		t.Errorf("the view has the result %+v, want the first: %+v", got, first)
	}
}

func testFirstCloseStands(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Fail)
	first := someClosing(subject.Run, "fail", 1, "first")
	o.must(o.Close(t.Context(), first))
	if diff := cmp.Diff([]record.Attempt{first}, o.View("fail").Closed); diff != "" {
		t.Errorf("records after Close (-want +got):\n%s", diff)
	}
	o.must(o.Close(t.Context(), someClosing(subject.Run, "fail", 1, "second")))
	next := someClosing(subject.Run, "fail", 2, "next")
	o.must(o.Close(t.Context(), next))
	if diff := cmp.Diff([]record.Attempt{first, next}, o.View("fail").Closed); diff != "" {
		t.Errorf("records after two further ones (-want +got):\n%s", diff)
	}
}

func testConfirm(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Hang, Succeed)
	if diff := cmp.Diff(engine.Confirmation{}, o.confirm("hang", 1)); diff != "" {
		t.Errorf("before anything (-want +got):\n%s", diff)
	}
	s := o.start("hang", 1, engine.Running)
	if got := o.confirm("hang", 1).Sighting; got == nil || got.UID != s.UID || got.Phase != engine.Running {
		t.Errorf("the attempt that runs is confirmed as %+v, want %+v", got, s)
	}
	if got := o.confirm("hang", 2).Sighting; got != nil {
		t.Errorf("an attempt that was never started is confirmed as %+v", got)
	}
	closing := someClosing(subject.Run, "succeed", 1, "first")
	o.must(o.Close(t.Context(), closing))
	if got := o.confirm("succeed", 1).Closed; got == nil || !cmp.Equal(*got, closing) {
		t.Errorf("the attempt's record is confirmed as %+v, want %+v", got, closing)
	}
	if got := o.confirm("succeed", 2).Closed; got != nil {
		t.Errorf("an attempt that was never closed is confirmed with the record %+v", got)
	}
	stands, err := o.Commit(t.Context(), someResult(subject.Run, "succeed", 1, nil), []byte{})
	o.must(err)
	if got := o.confirm("succeed", 1).Result; got == nil || !cmp.Equal(*got, stands) {
		t.Errorf("the result is confirmed as %+v, want %+v", got, stands)
	}
}

// testWatchWhatWasBefore covers an orchestrator that was restarted.
func testWatchWhatWasBefore(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Succeed, Fail)
	o.succeed()
	o.start("fail", 1, engine.Ended)
	o.must(o.Close(t.Context(), someClosing(subject.Run, "fail", 1, "first")))
	o.start("fail", 2, engine.Ended)
	before := map[string]engine.Observation{"succeed": o.View("succeed"), "fail": o.View("fail")}
	o.cancel()

	later := watch(t, subject)
	for step, want := range before {
		if diff := cmp.Diff(want, later.View(step)); diff != "" {
			t.Errorf("step %s in a later watch (-want +got):\n%s", step, diff)
		}
	}
}

func testSecondWatcher(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Hang)
	s := o.start("hang", 1, engine.Running)
	other := watch(t, subject)
	if got := sighting(other.View("hang"), 1); got == nil || got.UID != s.UID || got.Phase != engine.Running {
		t.Errorf("a second watcher sees %+v, want %+v", got, s)
	}
	o.must(o.Remove(t.Context(), "hang", 1, s.UID))
	other.untilGone("hang", 1)
}

func testChangesAreTold(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Hang, Fail)
	told := func(what, step string) {
		t.Helper()
		select {
		case <-o.woken(step):
		case <-time.After(patience):
			t.Fatalf("nobody told of %s", what)
		}
	}
	o.must(o.Start(t.Context(), "hang", 1))
	told("a start", "hang")
	o.must(o.Close(t.Context(), someClosing(subject.Run, "fail", 1, "first")))
	told("an attempt record", "fail")
	_, err := o.Commit(t.Context(), someResult(subject.Run, "fail", 2, nil), []byte{})
	o.must(err)
	told("a result record", "fail")
}

func testViewsAreCopies(t *testing.T, factory Factory) {
	subject, o := open(t, factory, Fail)
	o.start("fail", 1, engine.Ended)
	o.must(o.Close(t.Context(), someClosing(subject.Run, "fail", 1, "first")))
	want, spoilt := o.View("fail"), o.View("fail")
	spoilt.Closed[0].Message = "spoilt"
	spoilt.Sightings[0].UID = "spoilt"
	if diff := cmp.Diff(want, o.View("fail")); diff != "" {
		t.Errorf("the view after somebody changed a copy (-want +got):\n%s", diff)
	}
}
