package attempt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

// commit records the result. Where that is not possible, the report carries the result instead.
func (w Work) commit(ctx context.Context, result record.Result, inline []byte) (record.Report, error) {
	if w.Committer == nil {
		return w.carry(ctx, result, inline, ErrNoRights)
	}
	standing, err := insist(ctx, w, "recording the result", w.again(result, inline), func(ctx context.Context) (record.Result, error) {
		return w.Committer.Commit(ctx, result, inline)
	})
	if err != nil {
		return w.carry(ctx, result, inline, err)
	}
	return record.Report{Result: &standing, Recorded: true}, nil
}

// rightsPatience is how long missing rights are waited for: an API server that has just started takes some seconds to
// know the Roles.
const rightsPatience = 10 * time.Second

// again returns after which errors the result is to be recorded again. Missing rights are an answer as a rule, that of
// accounts which are meant to have none; but a result that cannot travel otherwise would be lost by them.
func (w Work) again(result record.Result, inline []byte) func(error) bool {
	report := record.Report{Result: &result, Value: inline}
	if _, err := report.EncodeWithin(reportSize(w.Role)); err == nil || w.Store != nil {
		return undecided
	}
	until := time.Now().Add(rightsPatience)
	return func(err error) bool {
		return undecided(err) || errors.Is(err, ErrNoRights) && time.Now().Before(until)
	}
}

// undecided tells errors that say nothing about the record from those that are an answer.
func undecided(err error) bool {
	_, permanent := errors.AsType[Permanent](err)
	return !permanent && !errors.Is(err, ErrNoRights)
}

// carry puts a result that could not be recorded, because of refused, into the report. A value that does not fit there
// goes to the artifact store, if there is one, so that only its digest has to.
func (w Work) carry(ctx context.Context, result record.Result, inline []byte, refused error) (record.Report, error) {
	report := record.Report{Result: &result, Value: inline}
	if _, err := report.EncodeWithin(reportSize(w.Role)); err == nil {
		return report, nil
	}
	if w.Store == nil {
		return record.Report{}, w.notCarried(result.Size, refused)
	}
	err := w.put(ctx, func(ctx context.Context, s artifact.Store) error {
		_, err := artifact.WriteBytes(ctx, s, inline)
		return err
	})
	if err != nil {
		return record.Report{}, err
	}
	result.Inline = false
	return record.Report{Result: &result}, nil
}

// notCarried ends the attempt whose value could neither be recorded nor reported.
func (w Work) notCarried(size int64, refused error) error {
	if undecided(refused) {
		message := fmt.Sprintf("recording the result: %v; its value of %d bytes does not fit into the %d of a report either",
			refused, size, reportSize(w.Role))
		return &endError{record.End{Outcome: record.Lost, Reason: "NotRecorded", Message: message}, refused}
	}
	return permanently("NotRecorded", "recording the result of step %q: %w; its value of %d bytes does not fit into the %d of a report "+
		"either; allow the step's account to create ConfigMaps, or %s, so that only the value's digest travels",
		w.Role.Step, refused, size, reportSize(w.Role), storeRemedy)
}
