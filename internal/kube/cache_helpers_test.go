package kube

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

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

func unavailable() error { return apierrors.NewServiceUnavailable("starting") }
