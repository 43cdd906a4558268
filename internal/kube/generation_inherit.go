package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/reexec"
)

// maxInheriting is how many objects are handed on at once.
const maxInheriting = 8

// inherit hands the records and the pods of the run's steps on to the generation that is about to start: its Job becomes a
// further owner, so that they outlive the Job before it. Results that do not stand, and those of hooks, which are run
// anew, are deleted.
func (s *Submission) inherit(ctx context.Context, client kubernetes.Interface) error {
	was, is := s.Earlier.Ref.under(s.Earlier.Plan), s.Ref.under(s.Plan)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(maxInheriting)
	nodes := s.Plan.Graph.Index()
	configs, pods := client.CoreV1().ConfigMaps(is.Namespace), client.CoreV1().Pods(is.Namespace)
	err := eachRecord(ctx, client, was, func(cm *corev1.ConfigMap) {
		meta, kind := cm.ObjectMeta, cm.Labels[LabelRecord]
		switch {
		case !was.owns(cm), kind != RecordResult && kind != RecordAttempt:
		case kind == RecordResult && !s.stands(nodes, cm.Labels[LabelStep]):
			work.Go(func() error {
				return ungone(persist(ctx, func(ctx context.Context) error {
					return configs.Delete(ctx, meta.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(meta.UID))})
				}))
			})
		default:
			work.Go(func() error {
				return is.adopt(ctx, was, meta, func(ctx context.Context, patch []byte) error {
					_, err := configs.Patch(ctx, meta.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
					return err
				})
			})
		}
	})
	steps, listErr := listPods(ctx, client, was, reexec.Step)
	for _, pod := range steps {
		if was.owns(&pod) {
			work.Go(func() error {
				return is.adopt(ctx, was, pod.ObjectMeta, func(ctx context.Context, patch []byte) error {
					_, err := pods.Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
					return err
				})
			})
		}
	}
	return explain("handing on the records of run "+is.Run, is.Namespace, errors.Join(err, listErr, work.Wait()))
}

// stands tells that the result of a step is reused.
func (s *Submission) stands(nodes graph.Index, step string) bool {
	node, known := nodes.Node(step)
	return s.Earlier.Has(step) && known && node.Hook == ""
}

// adopt makes an object of the run's last generation known as one of this generation, too. One that is gone meanwhile is
// left alone.
func (r Ref) adopt(ctx context.Context, was Ref, meta metav1.ObjectMeta, send func(ctx context.Context, patch []byte) error) error {
	patch, err := json.Marshal(map[string]any{"metadata": r.adoption(was, meta)})
	if err != nil {
		return err
	}
	return ungone(persist(ctx, func(ctx context.Context) error { return send(ctx, patch) }))
}

// adoption is what changes in the metadata of an object that is adopted. Owners are merged by their UIDs
// (k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta, patchMergeKey), and one of them at most may be the controller.
func (r Ref) adoption(was Ref, meta metav1.ObjectMeta) map[string]any {
	marked := metav1.ObjectMeta{Annotations: map[string]string{}}
	r.mark(&marked)
	owners := []any{}
	for _, o := range meta.OwnerReferences {
		if o.UID == was.PlanUID {
			o.Controller = new(false)
			owners = append(owners, o)
		}
	}
	for _, o := range marked.OwnerReferences {
		owners = append(owners, o)
	}
	return map[string]any{"uid": meta.UID, "ownerReferences": owners, "annotations": marked.Annotations}
}

// ungone takes an object that is gone for one with which nothing is left to do.
func ungone(err error) error {
	if gone(err) {
		return nil
	}
	return err
}

// retire deletes the Jobs before this one, now that all that is to be kept of them has a further owner.
func (s *Submission) retire(ctx context.Context, client kubernetes.Interface) {
	for _, ref := range append(s.Earlier.begun, s.Earlier.Ref) {
		if err := DeleteRun(ctx, client, ref, metav1.DeletePropagationBackground); err != nil {
			s.tell(fmt.Sprintf("Job %s, which this one replaces, is still there: %s; delete it, what is needed of it is kept", ref.JobName(), err))
		}
	}
}
