package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

func TestStartTakesNoOtherValue(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*corev1.ConfigMap)
		result func(*record.Result)
		plan   func(*plan.Plan)
		want   string
	}{
		"damaged":             {change: func(cm *corev1.ConfigMap) { cm.BinaryData[record.ValueFile("load")] = []byte("43") }, want: cache.Damaged},
		"cut short":           {change: func(cm *corev1.ConfigMap) { cm.BinaryData[record.ValueFile("load")] = []byte("4") }, want: cache.NoneMade},
		"without its value":   {change: func(cm *corev1.ConfigMap) { cm.BinaryData = nil }, want: cache.NoneMade},
		"being deleted":       {change: func(cm *corev1.ConfigMap) { cm.DeletionTimestamp = new(metav1.Now()); cm.Finalizers = []string{"x/y"} }, want: cache.NoneMade},
		"changeable":          {change: func(cm *corev1.ConfigMap) { cm.Immutable = nil }, want: cache.NoneMade},
		"another pipeline":    {change: func(cm *corev1.ConfigMap) { cm.Labels[LabelPipeline] = "other" }, want: cache.NoneMade},
		"another step":        {change: func(cm *corev1.ConfigMap) { cm.Labels[LabelStep] = "train" }, want: cache.NoneMade},
		"no result":           {change: func(cm *corev1.ConfigMap) { cm.Labels[LabelRecord] = RecordAttempt }, want: cache.NoneMade},
		"no JSON":             {change: func(cm *corev1.ConfigMap) { cm.Data[record.ResultFile("load")] = "{" }, want: cache.NoneMade},
		"another name":        {change: func(cm *corev1.ConfigMap) { cm.Name = "train-6-load-result" }, want: cache.NoneMade},
		"only the same label": {result: func(r *record.Result) { r.Cache.Key = r.Cache.Key[:63] + "-" }, want: cache.NoneMade},
		"of no attempt":       {result: func(r *record.Result) { r.Attempt = 0 }, want: cache.NoneMade},
		"not cached then":     {result: func(r *record.Result) { r.Cache = nil }, want: cache.NoneMade},
		"expired":             {plan: func(p *plan.Plan) { p.Cache.Steps["load"] = plan.CachedStep{Version: "version 1", MaxAge: time.Minute} }, want: cache.Expired},
		"nobody looks":        {plan: func(p *plan.Plan) { p.Cache.Lookup = plan.ByNobody }},
		"the step looks":      {plan: func(p *plan.Plan) { p.Cache.Lookup = plan.ByStep }},
		"nothing is cached":   {plan: func(p *plan.Plan) { p.Cache = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var results []func(*record.Result)
			if tt.result != nil {
				results = append(results, tt.result)
			}
			cm := earlier(t, "train-5", []byte("42"), results...)
			if tt.change != nil {
				tt.change(cm)
			}
			p := cachedPlan()
			if tt.plan != nil {
				tt.plan(p)
			}
			client := newFakeAPI(cm)
			if got := startLoad(t, client, p, Options{}).View("load"); got.Result != nil || len(got.Sightings) != 1 {
				t.Errorf("view %+v, want an attempt", got)
			}
			if got := missOf(t, client); got != tt.want {
				t.Errorf("the attempt is told %q, want %q", got, tt.want)
			}
		})
	}
}

// answering is a store that answers Stat.
type answering struct {
	artifact.Store
	size int64
	err  error
}

func (s answering) Stat(context.Context, artifact.Digest) (int64, error) { return s.size, s.err }

func TestStoredValueIsAskedFor(t *testing.T) {
	t.Parallel()
	stored := func(r *record.Result) { r.Inline = false }
	for name, tt := range map[string]struct {
		store artifact.Store
		want  string
	}{
		"there":        {answering{size: 2}, ""},
		"gone":         {answering{err: artifact.ErrNotFound}, cache.Gone},
		"another size": {answering{size: 3}, cache.Damaged},
		"out of reach": {answering{err: errors.New("timeout")}, cache.OutOfReach},
		"no store":     {nil, cache.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI(earlier(t, "train-5", []byte("42"), stored))
			c := startLoad(t, client, cachedPlan(), Options{Store: tt.store})
			if recalled := c.View("load").Result != nil; recalled != (tt.want == "") {
				t.Fatalf("the value is taken: %t", recalled)
			}
			if tt.want != "" && missOf(t, client) != tt.want {
				t.Errorf("the attempt is told %q, want %q", missOf(t, client), tt.want)
			}
		})
	}
}

func TestFullRecordsTakeNoEarlierValue(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(earlier(t, "train-5", []byte("42")))
	finder := Finder{Client: client, Ref: testRef()}
	for room, want := range map[int64]string{0: "", 2: "", 1: cache.NoRoom, -1: cache.NoRoom} {
		hit, miss, err := finder.Find(t.Context(), Wanted{Step: "load", Cache: sealedLoad(t), Room: room})
		if err != nil || (hit != nil) != (want == "") || hit == nil && miss.Reason != want {
			t.Errorf("room %d: hit %+v, miss %+v, %v, want %q", room, hit, miss, err, want)
		}
	}
}

func TestOnlyTheNewestAreTried(t *testing.T) {
	t.Parallel()
	var objects []runtime.Object
	base := time.Now()
	for i := range 3 * maxCandidates {
		objects = append(objects, earlier(t, fmt.Sprintf("train-1%02d", i), []byte("42"), func(r *record.Result) {
			r.Finished = base.Add(time.Duration(i*7%12) * time.Second) // in another order than that of the names
		}))
	}
	found, err := Finder{Client: newFakeAPI(objects...), Ref: testRef()}.candidates(t.Context(), Wanted{Step: "load", Cache: sealedLoad(t)})
	if err != nil || len(found) != maxCandidates {
		t.Fatalf("%d candidates, %v", len(found), err)
	}
	var ages []int
	for _, c := range found {
		ages = append(ages, int(found[0].Result.Finished.Sub(c.Result.Finished).Seconds()))
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3}, ages); diff != "" {
		t.Errorf("ages (-want +got):\n%s", diff)
	}
}

func TestRecordOfACachedStepIsLabelled(t *testing.T) {
	t.Parallel()
	label := earlier(t, "train-5", []byte("42")).Labels[LabelCacheKey]
	if key := sealedLoad(t).Key; len(label) != 63 || !strings.HasPrefix(key, label) {
		t.Errorf("label %q of key %s", label, key)
	}
	if _, labelled := resultObject(t, "load", []byte("42")).Labels[LabelCacheKey]; labelled {
		t.Error("the record of a step that is not cached has the label")
	}
}

func TestStepsThatLookMayList(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"create", "get", "list"}, CachingStepRights().Rules[0].Verbs); diff != "" {
		t.Errorf("verbs (-want +got):\n%s", diff)
	}
	client := newFakeAPI()
	for _, account := range []Account{StepRights(), CachingStepRights(), StepRights()} {
		if err := EnsureAccounts(t.Context(), client, "team", account); err != nil {
			t.Fatal(err)
		}
	}
	role, err := client.RbacV1().Roles("team").Get(t.Context(), StepAccount, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var verbs []string
	for _, r := range role.Rules {
		verbs = append(verbs, r.Verbs...)
	}
	slices.Sort(verbs)
	if diff := cmp.Diff([]string{"create", "get", "list"}, slices.Compact(verbs)); diff != "" {
		t.Errorf("verbs in the end (-want +got):\n%s", diff)
	}
}
