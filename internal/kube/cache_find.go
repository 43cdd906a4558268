package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/pager"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/record"
)

// Finder looks for the values that a step had in earlier runs of its pipeline in the namespace.
type Finder struct {
	Client kubernetes.Interface
	// Ref is the run that looks.
	Ref Ref
	// Store is the run's artifact store, nil when it has none.
	Store artifact.Store
}

// Wanted is what is looked for.
type Wanted struct {
	// Step is the step.
	Step string
	// Cache is the key with its parts.
	Cache *record.Cache
	// MaxAge is how long after it was made a value is taken; 0 means for ever.
	MaxAge time.Duration
	// Room is how large an inline value may be, as in [reexec.Role].
	Room int64
}

// Find returns the newest result that has the key and whose value is whole. The error is that of the search itself, which
// is one list of ConfigMaps: it says nothing about the value.
func (f Finder) Find(ctx context.Context, want Wanted) (*cache.Hit, *cache.Miss, error) {
	candidates, err := f.candidates(ctx, want)
	if err != nil {
		return nil, nil, fmt.Errorf("looking for earlier values of step %q: %w", want.Step, err)
	}
	search := cache.Search{Want: want.Cache, MaxAge: want.MaxAge, Now: time.Now()}
	hit, miss := search.Choose(ctx, candidates)
	return hit, miss, nil
}

// maxCandidates is how many of the results with a key are tried, the newest first. Each holds a value of up to
// [record.MaxInline] in memory.
const maxCandidates = 4

// pageSize is how many results are read at once, for the same reason.
const pageSize = 16

func (f Finder) candidates(ctx context.Context, want Wanted) ([]cache.Candidate, error) {
	var found []cache.Candidate
	list := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (runtime.Object, error) {
		return f.Client.CoreV1().ConfigMaps(f.Ref.Namespace).List(ctx, options)
	}))
	list.PageSize = pageSize
	options := metav1.ListOptions{LabelSelector: f.selector(want)}
	err := list.EachListItem(ctx, options, func(object runtime.Object) error {
		cm, ok := object.(*corev1.ConfigMap)
		if !ok {
			return nil
		}
		if result, err := readEarlier(f.Ref, want.Step, cm); err == nil {
			found = newestFirst(append(found, f.candidate(result, cm, want.Room)))
		}
		return nil
	})
	return found, err
}

func (f Finder) selector(want Wanted) string {
	return fmt.Sprintf("%s=%s,%s=%s,%s=%s,%s=%s,%s!=%s", LabelRecord, RecordResult, LabelPipeline, f.Ref.Pipeline,
		LabelStep, want.Step, LabelCacheKey, cacheLabel(want.Cache.Key), LabelRun, f.Ref.Run)
}

// cacheLabel is as much of a key as a label's value can hold.
func cacheLabel(key string) string { return key[:min(len(key), validation.LabelValueMaxLength)] }

// newestFirst returns the newest candidates, no more than are tried.
func newestFirst(candidates []cache.Candidate) []cache.Candidate {
	slices.SortStableFunc(candidates, func(a, b cache.Candidate) int {
		return cmp.Or(b.Result.Finished.Compare(a.Result.Finished), cmp.Compare(b.Result.Run, a.Result.Run))
	})
	return candidates[:min(len(candidates), maxCandidates)]
}

func (f Finder) candidate(result record.Result, cm *corev1.ConfigMap, room int64) cache.Candidate {
	if !result.Inline {
		return cache.Candidate{Result: result, Fetch: func(ctx context.Context) ([]byte, error) { return nil, cache.CheckStored(ctx, f.Store, result) }}
	}
	value := cm.BinaryData[record.ValueFile(result.Step)]
	return cache.Candidate{Result: result, Fetch: func(context.Context) ([]byte, error) {
		switch {
		case string(artifact.Sum(value)) != result.Digest:
			return nil, cache.ErrDamaged
		case room < 0, room > 0 && result.Size > room:
			return nil, cache.ErrNoRoom
		}
		return value, nil
	}}
}

// Recall is Find for the process of a step, which has nobody to repeat the call for it. A search that fails is a miss.
func (f Finder) Recall(ctx context.Context, want Wanted) (hit *cache.Hit, miss *cache.Miss) {
	err := persist(ctx, func(ctx context.Context) (err error) {
		hit, miss, err = f.Find(ctx, want)
		return err
	})
	switch {
	case err == nil:
		return hit, miss
	case apierrors.IsForbidden(err):
		return nil, &cache.Miss{Reason: cache.NotAllowed, Err: err}
	}
	return nil, &cache.Miss{Reason: cache.NotSearched, Err: err}
}
