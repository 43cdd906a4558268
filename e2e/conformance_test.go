package e2e

import (
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

var buildBehaviours = sync.OnceValues(func() (string, error) { return build(".", "./testdata/behaviours") })

// TestConformance holds a real API server and kubelet to what the engine relies on.
func TestConformance(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	image := e.pushProgram(t, built(t, buildBehaviours))
	conn, err := kube.Connect(kube.Target{Kubeconfig: e.kubeconfig, Namespace: e.namespace})
	if err != nil {
		t.Fatal(err)
	}
	if err := kube.EnsureAccounts(t.Context(), conn.Client, e.namespace, kube.StepRights()); err != nil {
		t.Fatal(err)
	}
	enginetest.Conformance(t, func(t *testing.T, _ map[string]enginetest.Behaviour) enginetest.Subject {
		p := behavioursPlan(image)
		ref := e.makeRun(t, p)
		return enginetest.Subject{Run: ref.Run, Open: func() engine.Cluster {
			return kube.NewCluster(conn.Client, ref, p, kube.Options{})
		}}
	})
}

// behavioursPlan returns the plan of a run of the program behaviours.
func behavioursPlan(image string) *plan.Plan {
	g, templates := graph.Graph{Pipeline: "behaviours"}, map[string]int{}
	for _, b := range enginetest.Behaviours() {
		g.Nodes = append(g.Nodes, graph.Node{Name: string(b), Kind: graph.Step, Shape: "blob"})
		templates[string(b)] = 0
	}
	pod := corev1.PodTemplateSpec{Spec: jobOf("main", image).Spec.Template.Spec}
	pod.Spec.ServiceAccountName = kube.StepAccount
	return &plan.Plan{
		Version: plan.Version, Run: "behaviours-" + strings.ToLower(rand.Text()[:8]), Graph: g, Fingerprint: g.Fingerprint(),
		Kubernetes: &plan.Kubernetes{Templates: []corev1.PodTemplateSpec{pod}, StepTemplates: templates},
	}
}

// makeRun makes what a run begins with: its Job, which stays suspended so that nobody else drives the run, and the plan.
func (e *env) makeRun(t *testing.T, p *plan.Plan) kube.Ref {
	t.Helper()
	ref := kube.Ref{Namespace: e.namespace, Run: p.Run, Pipeline: p.Graph.Pipeline}
	job, config, err := kube.Submission{Ref: ref, Plan: p, Template: p.Kubernetes.Templates[0]}.Objects()
	if err != nil {
		t.Fatal(err)
	}
	if job, err = e.client.BatchV1().Jobs(e.namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	config.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}
	if config, err = e.client.CoreV1().ConfigMaps(e.namespace).Create(t.Context(), config, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ref.JobUID, ref.PlanUID = job.UID, config.UID
	return ref
}
