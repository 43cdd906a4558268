package kube

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/org/k8sorch/internal/pause"
)

// patience is how long a client's call is repeated before the user is told. It outlasts the restart of an API server,
// which takes seconds.
const patience = 30 * time.Second

// persist calls op until it succeeds, is answered for good or has used up the patience; op must be harmless to repeat.
// Answers for which again is true are no answers for good.
func persist(ctx context.Context, op func(context.Context) error, again ...func(error) bool) error {
	pauses := pause.Growing(200 * time.Millisecond)
	pauses.MaxElapsedTime = patience
	return backoff.Retry(func() error {
		err := op(ctx)
		if err == nil || Retryable(err) || anyOf(again, err) {
			return err
		}
		return backoff.Permanent(err)
	}, backoff.WithContext(pauses, ctx))
}

// deniedPatience outlasts the first seconds of an API server, which refuses everything until it knows the Roles, and may
// know no caller before that.
const deniedPatience = 5 * time.Second

// briefly returns a test that is true for the first refusal of everything that the account asks for, and for those that
// follow within the [deniedPatience].
func briefly() func(error) bool {
	var until time.Time
	return func(err error) bool {
		if !shutOut(err) {
			return false
		}
		if until.IsZero() {
			until = time.Now().Add(deniedPatience)
		}
		return time.Now().Before(until)
	}
}

// shutOut tells that the API server does not know the account, or knows of no right that it has to this.
func shutOut(err error) bool { return accessDenied(err) || apierrors.IsUnauthorized(err) }

func anyOf(tests []func(error) bool, err error) bool {
	for _, test := range tests {
		if test(err) {
			return true
		}
	}
	return false
}
