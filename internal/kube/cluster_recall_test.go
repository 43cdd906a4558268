package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// cachedPlan is a plan whose step load is cached.
func cachedPlan(change ...func(*plan.Plan)) *plan.Plan {
	p := testPlan()
	p.Params = map[string]json.RawMessage{"rows": json.RawMessage("10")}
	p.Cache = &plan.Cache{Lookup: plan.ByOrchestrator, Steps: map[string]plan.CachedStep{"load": {Version: "version 1"}}}
	for _, c := range change {
		c(p)
	}
	return p
}

// sealedLoad is the key of load in cachedPlan.
func sealedLoad(t *testing.T, change ...func(*plan.Plan)) *record.Cache {
	t.Helper()
	recipe, err := cache.RecipeOf(cachedPlan(change...), "load", nil)
	if err != nil {
		t.Fatal(err)
	}
	return recipe.Seal()
}

// earlier is the result record of load in an earlier run. Its value is inline unless change says otherwise.
func earlier(t *testing.T, run string, value []byte, change ...func(*record.Result)) *corev1.ConfigMap {
	t.Helper()
	result := resultOf("load", value)
	result.Run, result.Cache, result.Finished = run, sealedLoad(t), time.Now().Add(-time.Hour)
	for _, c := range change {
		c(&result)
	}
	ref := testRef()
	ref.Run, ref.JobUID, ref.PlanUID = run, "earlier-job", "earlier-plan"
	cm, err := resultConfigMap(ref, result, value)
	if err != nil {
		t.Fatal(err)
	}
	return cm
}

func earlierJob(run string, ago time.Duration) *batchv1.Job {
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{
		Name: run, Namespace: "team", CreationTimestamp: metav1.NewTime(time.Now().Add(-ago)),
		Labels: map[string]string{LabelRun: run, LabelPipeline: "train", LabelManagedBy: ManagedBy},
	}}
}

// startLoad starts load and returns the cluster.
func startLoad(t *testing.T, client *fake.Clientset, p *plan.Plan, o Options) *Cluster {
	t.Helper()
	c := NewCluster(client, testRef(), p, o)
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestStartTakesAnEarlierValue(t *testing.T) {
	t.Parallel()
	made := earlier(t, "train-5", []byte("42"))
	client := newFakeAPI(made, earlier(t, "train-4", []byte("41"), func(r *record.Result) { r.Finished = r.Finished.Add(-time.Hour) }))
	c := startLoad(t, client, cachedPlan(), Options{})
	got := c.View("load")
	if len(got.Sightings) != 0 || got.Result == nil {
		t.Fatalf("view %+v, want a result and no attempt", got)
	}
	var want record.Result
	if err := json.Unmarshal([]byte(made.Data[record.ResultFile("load")]), &want); err != nil {
		t.Fatal(err)
	}
	want.Run, want.Attempt, want.UID = "train-7", 0, ""
	want.Cache.From = &record.Origin{Run: "train-5", Attempt: 1, UID: "load-1"}
	if diff := cmp.Diff(want, *got.Result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	cm, err := client.CoreV1().ConfigMaps("team").Get(t.Context(), ResultName("train-7", "load"), metav1.GetOptions{})
	if err != nil || string(cm.BinaryData[record.ValueFile("load")]) != "42" || !testRef().owns(cm) {
		t.Errorf("record %+v (%v), want one of this run with the value", cm, err)
	}
	if n := count(client, "create", "pods"); n != 0 {
		t.Errorf("%d pods were made", n)
	}
}

func count(client *fake.Clientset, verb, resource string) (n int) {
	for _, action := range client.Actions() {
		if action.Matches(verb, resource) {
			n++
		}
	}
	return n
}

// missOf returns what the pod is told that was made for load.
func missOf(t *testing.T, client *fake.Clientset) string {
	t.Helper()
	pod, err := client.CoreV1().Pods("team").Get(t.Context(), PodName("", "train-7", "load", 1), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(pod.Spec.Containers[0].Env, func(v corev1.EnvVar) bool { return v.Name == reexec.EnvCacheMiss })
	if i < 0 {
		return ""
	}
	return pod.Spec.Containers[0].Env[i].Value
}

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

func TestMissIsExplainedByTheLatestRun(t *testing.T) {
	t.Parallel()
	key := func(change func(*plan.Plan)) func(*record.Result) {
		return func(r *record.Result) { r.Cache = sealedLoad(t, change) }
	}
	rows := earlier(t, "train-5", []byte("42"), key(func(p *plan.Plan) { p.Params["rows"] = json.RawMessage("11") }))
	version := earlier(t, "train-4", []byte("42"), key(func(p *plan.Plan) { p.Cache.Steps["load"] = plan.CachedStep{Version: "version 0"} }))
	for name, tt := range map[string]struct {
		objects []runtime.Object
		want    string
	}{
		"the latest":            {[]runtime.Object{rows, version, earlierJob("train-4", 2*time.Hour), earlierJob("train-5", time.Hour)}, "parameter rows changed"},
		"it has no such record": {[]runtime.Object{version, earlierJob("train-4", 2*time.Hour), earlierJob("train-5", time.Hour)}, "version changed"},
		"no run":                {[]runtime.Object{rows}, cache.NoneMade},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI(tt.objects...)
			startLoad(t, client, cachedPlan(), Options{})
			if got := missOf(t, client); got != tt.want {
				t.Errorf("the attempt is told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMissThatCannotBeExplained(t *testing.T) {
	t.Parallel()
	for _, what := range []struct{ verb, resource string }{{"list", "jobs"}, {"get", "configmaps"}} {
		client := newFakeAPI(earlierJob("train-5", time.Hour))
		refuseOnce(client, what.verb, what.resource, unavailable())
		startLoad(t, client, cachedPlan(), Options{})
		if got := missOf(t, client); got != cache.NoneFound {
			t.Errorf("when the answer to %s %s is missing, the attempt is told %q, want %q", what.verb, what.resource, got, cache.NoneFound)
		}
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

func TestSearchThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		failures int
		err      error
		// starts is how often the start has to be asked for.
		starts int
		want   string
	}{
		"once":            {1, unavailable(), 2, ""},
		"again and again": {100, unavailable(), 3, cache.NotSearched},
		"for good":        {100, apierrors.NewForbidden(corev1.Resource("configmaps"), "", errors.New("no")), 1, cache.NotSearched},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI(earlier(t, "train-5", []byte("42")))
			failures := tt.failures
			client.PrependReactor("list", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
				failures--
				return failures >= 0, nil, tt.err
			})
			c := NewCluster(client, testRef(), cachedPlan(), Options{})
			for i := range tt.starts {
				if err := c.Start(t.Context(), "load", 1); (err == nil) != (i == tt.starts-1) {
					t.Fatalf("start %d: %v", i+1, err)
				}
			}
			if recalled := c.View("load").Result != nil; recalled != (tt.want == "") {
				t.Fatalf("the value is taken: %t", recalled)
			}
			if tt.want != "" && missOf(t, client) != tt.want {
				t.Errorf("the attempt is told %q, want %q", missOf(t, client), tt.want)
			}
		})
	}
}

func unavailable() error { return apierrors.NewServiceUnavailable("starting") }

// A start that is repeated, because there was no quota for the pod, does not search once more.
func TestMissIsRemembered(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	refuseOnce(client, "create", "pods", forbidden("exceeded quota: compute"))
	c := NewCluster(client, testRef(), cachedPlan(), Options{})
	if err := c.Start(t.Context(), "load", 1); err == nil {
		t.Fatal("it is started though there is no quota")
	}
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	if n := count(client, "list", "configmaps"); n != 1 {
		t.Errorf("earlier values were listed %d times, want once", n)
	}
	if got := missOf(t, client); got != cache.NoneMade {
		t.Errorf("the attempt is told %q", got)
	}
}

func TestStepThatHasBegunIsRunToItsEnd(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(earlier(t, "train-5", []byte("42")))
	c := NewCluster(client, testRef(), cachedPlan(), Options{})
	if err := c.Start(t.Context(), "load", 2); err != nil {
		t.Fatal(err)
	}
	if got := c.View("load"); got.Result != nil || len(got.Sightings) != 1 {
		t.Errorf("view %+v, want an attempt", got)
	}
}

// Two orchestrators of a run may both find a value, or one of them a value and the other none. The first record stands.
func TestRivalsAgreeOnARecord(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(earlier(t, "train-5", []byte("42")))
	other := NewCluster(client, testRef(), cachedPlan(), Options{})
	standing, err := other.Commit(t.Context(), resultOf("load", []byte("made")), []byte("made"))
	if err != nil {
		t.Fatal(err)
	}
	got := startLoad(t, client, cachedPlan(), Options{}).View("load").Result
	if diff := cmp.Diff(&standing, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
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
