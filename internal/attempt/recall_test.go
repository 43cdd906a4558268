package attempt_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/record"
)

func TestEarlierValueIsRecordedAndTheFunctionNotCalled(t *testing.T) {
	t.Parallel()
	earlier := result([]byte("7"), true)
	earlier.Run, earlier.UID, earlier.Cache = "earlier", "e", &record.Cache{Key: "k"}
	c := &committer{}
	w := work(t, nil)
	w.Func = func(context.Context, []attempt.Input) (attempt.Encode, error) {
		return nil, errors.New("it was called")
	}
	w.Committer, w.Cache = c, &record.Cache{Key: "k"}
	w.Recall = func(context.Context, int64) (*cache.Hit, *cache.Miss) {
		return &cache.Hit{Result: earlier, Value: []byte("7")}, nil
	}
	want := result([]byte("7"), true)
	want.Cache = &record.Cache{Key: "k", From: &record.Origin{Run: "earlier", Attempt: earlier.Attempt, UID: "e"}}
	if diff := cmp.Diff(record.Report{Result: &want, Recorded: true}, w.Run(t.Context())); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if string(c.value) != "7" {
		t.Errorf("recorded value = %q, want 7", c.value)
	}
}

func TestReasonForAMissIsRecorded(t *testing.T) {
	t.Parallel()
	sealed := &record.Cache{Key: "k"}
	w := work(t, []byte("7"))
	w.Cache, w.Role.Room = sealed, 100
	w.Recall = func(_ context.Context, room int64) (*cache.Hit, *cache.Miss) {
		if room != 100 {
			t.Errorf("room = %d, want 100", room)
		}
		return nil, &cache.Miss{Reason: cache.Gone}
	}
	got := w.Run(t.Context())
	if diff := cmp.Diff(&record.Cache{Key: "k", Miss: cache.Gone}, got.Result.Cache); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if sealed.Miss != "" {
		t.Error("what was given is changed")
	}
}
