package attempt_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

var clock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var role = reexec.Role{Kind: reexec.Step, Run: "r", Step: "train", Attempt: 2, UID: "u"}

// committer records in memory. It fails with errs first, one after another.
type committer struct {
	errs     []error
	standing *record.Result
	calls    int
	result   record.Result
	value    []byte
}

func (c *committer) Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	c.calls++
	if ctx.Err() != nil {
		return record.Result{}, attempt.Permanent{Err: ctx.Err()}
	}
	if len(c.errs) > 0 {
		err := c.errs[0]
		c.errs = c.errs[1:]
		return record.Result{}, err
	}
	c.result, c.value = result, value
	if c.standing != nil {
		return *c.standing, nil
	}
	return result, nil
}

// unreachable is a committer that never answers before ctx ends.
type unreachable struct{}

func (unreachable) Commit(ctx context.Context, _ record.Result, _ []byte) (record.Result, error) {
	<-ctx.Done()
	return record.Result{}, errors.New("API server does not answer")
}

// flakyStore is a store whose first calls find it unreachable.
type flakyStore struct {
	artifact.Store
	failures int
}

func (s *flakyStore) fail() error {
	if s.failures == 0 {
		return nil
	}
	s.failures--
	return errors.New("connection refused")
}

func (s *flakyStore) Put(ctx context.Context, d artifact.Digest, size int64, content io.Reader) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.Put(ctx, d, size, content)
}

func (s *flakyStore) Get(ctx context.Context, d artifact.Digest) (io.ReadCloser, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	return s.Store.Get(ctx, d)
}

// forever is more failures than any patience sees.
const forever = 1 << 30

// work returns an attempt whose function returns these bytes.
func work(t *testing.T, value []byte) attempt.Work {
	t.Helper()
	return attempt.Work{
		Role: role,
		Func: func(context.Context, []attempt.Input) (attempt.Encode, error) { return encode(value), nil },
		Now:  func() time.Time { return clock },
	}
}

func encode(value []byte) attempt.Encode {
	return func(ctx context.Context, w io.Writer) error {
		_, err := w.Write(value)
		return cmp.Or(ctx.Err(), err)
	}
}

// result is what an attempt of role with that value records.
func result(value []byte, inline bool) record.Result {
	return record.Result{
		Run: "r", Step: "train", Attempt: 2, UID: "u", Digest: string(artifact.Sum(value)), Size: int64(len(value)),
		Inline: inline, Started: clock, Finished: clock,
	}
}
