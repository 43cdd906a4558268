package kube

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

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
	if n := countOf(client, "create", "pods"); n != 0 {
		t.Errorf("%d pods were made", n)
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
	if n := countOf(client, "list", "configmaps"); n != 1 {
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
