package attempt_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

var errAPI = errors.New("the API server timed out")

func noRights() error { return fmt.Errorf("creating ConfigMap: %w", attempt.ErrNoRights) }

func TestCommitIsRepeatedUntilAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work(t, []byte("7"))
		c := &committer{errs: []error{errAPI, errAPI, errAPI}}
		w.Committer = c
		if got := w.Run(t.Context()); !got.Recorded || c.calls != 4 {
			t.Errorf("Run() = %+v after %d calls, want a recorded result after 4", got, c.calls)
		}
	})
}

// The rights of an account take some seconds to be known to an API server that has just started.
func TestCommitWaitsForRightsWhereNothingElseHelps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work(t, make([]byte, record.MaxReport))
		w.Committer = &committer{errs: []error{noRights(), noRights(), noRights()}}
		if got := w.Run(t.Context()); !got.Recorded {
			t.Errorf("Run() = %+v, want a recorded result", got)
		}
	})
}

func TestCommitThatComesSecondReportsTheStandingRecord(t *testing.T) {
	t.Parallel()
	standing := result([]byte("6"), true)
	standing.Attempt = 1
	w := work(t, []byte("7"))
	w.Committer = &committer{standing: &standing}
	want := record.Report{Result: &standing, Recorded: true}
	if diff := cmp.Diff(want, w.Run(t.Context())); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestSmallResultTravelsInTheReport(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		committer attempt.Committer
		calls     int
	}{
		"no rights":         {&committer{errs: []error{noRights()}}, 1},
		"refused for good":  {&committer{errs: []error{attempt.Permanent{Err: errors.New("invalid")}}}, 1},
		"nothing to record": {nil, 0},
		"out of reach":      {unreachable{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := work(t, []byte("7"))
				w.Committer = test.committer
				want := result([]byte("7"), true)
				if diff := cmp.Diff(record.Report{Result: &want, Value: []byte("7")}, w.Run(t.Context())); diff != "" {
					t.Errorf("report (-want +got):\n%s", diff)
				}
				if c, ok := test.committer.(*committer); ok && c.calls != test.calls {
					t.Errorf("Commit was called %d times, want %d", c.calls, test.calls)
				}
			})
		})
	}
}

func TestLargerResultTravelsThroughTheStore(t *testing.T) {
	t.Parallel()
	value := make([]byte, record.MaxReport)
	w := work(t, value)
	store := artifact.NewDir(t.TempDir())
	w.Committer, w.Store = &committer{errs: []error{noRights()}}, store
	want := result(value, false)
	if diff := cmp.Diff(record.Report{Result: &want}, w.Run(t.Context())); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if got := stored(t, store, want); len(got) != len(value) {
		t.Errorf("%d bytes were stored, want %d", len(got), len(value))
	}
}

func TestLargerResultThatCannotTravel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		committer attempt.Committer
		store     func(t *testing.T) artifact.Store
		want      record.End
		says      string
	}{
		"no rights": {
			committer: &committer{errs: slices.Repeat([]error{noRights()}, 100)},
			want:      record.End{Outcome: record.Failed, Reason: "NotRecorded", Permanent: true},
			says: `recording the result of step "train": creating ConfigMap: no right to write records; its value of 4096 bytes ` +
				"does not fit into the 4096 of a report either; allow the step's account to create ConfigMaps, or give the run an artifact store",
		},
		"out of reach": {
			committer: unreachable{},
			want:      record.End{Outcome: record.Lost, Reason: "NotRecorded"},
			says:      "API server does not answer",
		},
		"no rights and the store out of reach": {
			committer: &committer{errs: []error{noRights()}},
			store:     func(t *testing.T) artifact.Store { return &flakyStore{artifact.NewDir(t.TempDir()), forever} },
			want:      record.End{Outcome: record.Lost, Reason: "ArtifactStore"},
			says:      "connection refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := work(t, make([]byte, record.MaxReport))
				w.Committer = test.committer
				if test.store != nil {
					w.Store = test.store(t)
				}
				checkEnd(t, w.Run(t.Context()), test.want, test.says)
			})
		})
	}
}
