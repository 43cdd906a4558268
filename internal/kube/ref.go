package kube

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/internal/plan"
)

// Ref points at a run on a cluster.
type Ref struct {
	Namespace string
	Run       string
	Pipeline  string
	// Job is the name of the orchestrator Job; empty for the run's id.
	Job string
	// JobUID and PlanUID are the UIDs of the orchestrator Job and of the plan's ConfigMap.
	JobUID, PlanUID types.UID
	// Ownerless tells that what is made for the run gets no owners.
	Ownerless bool
}

// under returns the reference with what the plan says about the objects of the run.
func (r Ref) under(p *plan.Plan) Ref {
	r.Ownerless = p.Kubernetes.SkipOwners
	return r
}

// JobName is the name of the run's orchestrator Job. The names of all that lives and goes with the Job begin with it.
func (r Ref) JobName() string { return cmp.Or(r.Job, r.Run) }

// PlanName is the name of the ConfigMap of the run's plan.
func (r Ref) PlanName() string { return r.JobName() + "-plan" }

// StopName is the name of the ConfigMap of the record that the run is stopped.
func (r Ref) StopName() string { return r.JobName() + "-stop" }

// EndName is the name of the ConfigMap of the record of the run's end.
func (r Ref) EndName() string { return r.JobName() + "-end" }

// TokenName is the name of the Secret with the run's token, and of the Role and the RoleBinding that let the orchestrator
// delete it.
func (r Ref) TokenName() string { return r.JobName() + "-token" }

// Labels returns the labels that every object of the run carries.
func (r Ref) Labels() map[string]string {
	return map[string]string{LabelRun: r.Run, LabelPipeline: r.Pipeline, LabelManagedBy: ManagedBy}
}

// mark makes a pod or a record known as one of this very run: by its owners, or, where it is to have none, by an annotation
// with the UID of the plan. With the Job the run goes; the plan outlives a Job that a retry replaces.
func (r Ref) mark(object *metav1.ObjectMeta) {
	if r.Ownerless {
		object.Annotations = overlaid(object.Annotations, map[string]string{AnnotationPlanUID: string(r.PlanUID)})
		return
	}
	object.OwnerReferences = []metav1.OwnerReference{r.jobOwner(), r.planController()}
}

// owns tells whether an object belongs to this very run, and not to an earlier one of the same name whose remains are
// still there.
func (r Ref) owns(object metav1.Object) bool {
	if plan := object.GetAnnotations()[AnnotationPlanUID]; plan != "" && plan == string(r.PlanUID) {
		return true
	}
	return slices.ContainsFunc(object.GetOwnerReferences(), func(o metav1.OwnerReference) bool {
		return o.UID != "" && (o.UID == r.JobUID || o.UID == r.PlanUID)
	})
}

// jobOwner makes the orchestrator Job an owner without making it the controller: the Job controller would otherwise
// count the object as one of the Job's own pods.
func (r Ref) jobOwner() metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: "batch/v1", Kind: "Job", Name: r.JobName(), UID: r.JobUID, Controller: new(false), BlockOwnerDeletion: new(false),
	}
}

// planController makes the plan the controller: `kubectl drain` refuses to evict a pod that has none.
func (r Ref) planController() metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: "v1", Kind: "ConfigMap", Name: r.PlanName(), UID: r.PlanUID, Controller: new(true), BlockOwnerDeletion: new(false),
	}
}
