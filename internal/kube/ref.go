package kube

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Ref points at a run on a cluster.
type Ref struct {
	Namespace string
	Run       string
	Pipeline  string
	// JobUID and PlanUID are the UIDs of the orchestrator Job and of the plan's ConfigMap.
	JobUID, PlanUID types.UID
}

// Labels returns the labels that every object of the run carries.
func (r Ref) Labels() map[string]string {
	return map[string]string{LabelRun: r.Run, LabelPipeline: r.Pipeline, LabelManagedBy: ManagedBy}
}

// jobOwner makes the orchestrator Job an owner without making it the controller: the Job controller would otherwise
// count the object as one of the Job's own pods.
func (r Ref) jobOwner() metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: "batch/v1", Kind: "Job", Name: JobName(r.Run), UID: r.JobUID, Controller: new(false), BlockOwnerDeletion: new(false),
	}
}

// planController makes the plan the controller: `kubectl drain` refuses to evict a pod that has none.
func (r Ref) planController() metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: "v1", Kind: "ConfigMap", Name: PlanName(r.Run), UID: r.PlanUID, Controller: new(true), BlockOwnerDeletion: new(false),
	}
}
