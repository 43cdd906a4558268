package kube

import (
	"context"
	"errors"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// ErrRunExists is returned by [Submit] for a run whose name is taken.
var ErrRunExists = errors.New("a Job of this name exists already: choose another run id, or delete that run first")

// errRemains tells that what an earlier run of the same name left is still being collected.
var errRemains = errors.New("the remains of an earlier run of this name are still being deleted: wait a little, or choose another run id")

// Submit makes the run on the cluster and starts it. Pods that the cluster would refuse are an error before anything is
// made. The Job comes first, suspended, then what it owns: the Secret with the token, if there is one, and the plan; and
// then it is resumed, so that at no instant there is something that nobody owns. If that fails half-way, the Job is deleted
// again, and with it everything else.
//
// The retry of a run makes the records of the run its own before it is resumed, and deletes the Job before it afterwards. If
// it fails half-way, they still belong to that Job.
func Submit(ctx context.Context, client kubernetes.Interface, s Submission) (Ref, error) {
	job, config, err := s.Objects()
	if err != nil {
		return Ref{}, err
	}
	if err := s.rehearse(ctx, client, job); err != nil {
		return Ref{}, err
	}
	made, err := createJob(ctx, client, job)
	if err != nil {
		return Ref{}, explain("creating Job "+job.Name, s.Ref.Namespace, err)
	}
	s.Ref.Job, s.Ref.JobUID = made.Name, made.UID
	if err := s.furnish(ctx, client, config); err != nil {
		return Ref{}, s.withdraw(ctx, client, err)
	}
	if s.Earlier != nil {
		s.retire(ctx, client)
	}
	return s.Ref, nil
}

// createJob creates the Job, or finds the one that an earlier try made whose answer was lost.
func createJob(ctx context.Context, client kubernetes.Interface, want *batchv1.Job) (made *batchv1.Job, err error) {
	jobs := client.BatchV1().Jobs(want.Namespace)
	err = persist(ctx, func(ctx context.Context) error {
		made, err = jobs.Create(ctx, want, metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
		if made, err = jobs.Get(ctx, want.Name, metav1.GetOptions{}); err != nil {
			return leftover(err)
		}
		if made.Annotations[annotationPlan] != want.Annotations[annotationPlan] || made.DeletionTimestamp != nil {
			return ErrRunExists
		}
		return nil
	}, isRemains)
	return made, err
}

// furnish makes what the Job owns, and resumes the Job.
func (s *Submission) furnish(ctx context.Context, client kubernetes.Interface, config *corev1.ConfigMap) error {
	if err := s.furnishToken(ctx, client); err != nil {
		return err
	}
	config.OwnerReferences = []metav1.OwnerReference{s.Ref.jobOwner()}
	made, err := createPlan(ctx, client, config, s.Ref)
	if err != nil {
		return explain("creating ConfigMap "+config.Name, s.Ref.Namespace, err)
	}
	s.Ref.PlanUID = made.UID
	if s.Earlier != nil {
		if err := s.inherit(ctx, client); err != nil {
			return err
		}
	}
	return resume(ctx, client, s.Ref)
}

// createPlan creates the plan's ConfigMap, or finds the one that an earlier try made. One that an earlier run of the
// same name left is waited out.
func createPlan(ctx context.Context, client kubernetes.Interface, want *corev1.ConfigMap, ref Ref) (made *corev1.ConfigMap, err error) {
	configs := client.CoreV1().ConfigMaps(ref.Namespace)
	err = persist(ctx, func(ctx context.Context) error {
		made, err = configs.Create(ctx, want, metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
		if made, err = configs.Get(ctx, want.Name, metav1.GetOptions{}); err != nil {
			return leftover(err)
		}
		if !ownedBy(made, ref.JobUID) {
			return errRemains
		}
		return nil
	}, isRemains)
	return made, err
}

// leftover tells of an object that was there a moment ago and is not any more.
func leftover(err error) error {
	if apierrors.IsNotFound(err) {
		return errRemains
	}
	return err
}

func isRemains(err error) bool { return errors.Is(err, errRemains) }

func resume(ctx context.Context, client kubernetes.Interface, ref Ref) error {
	err := patchJob(ctx, client, ref, map[string]any{"spec": map[string]any{"suspend": false}})
	return explain("resuming Job "+ref.JobName(), ref.Namespace, err)
}

// withdrawTimeout bounds the undoing of a submit, which goes on when its caller has given up.
const withdrawTimeout = 15 * time.Second

// withdraw deletes the Job of a run that could not be submitted whole. The Secret would go with it, in a while.
func (s *Submission) withdraw(ctx context.Context, client kubernetes.Interface, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	left := errors.Join(
		DeleteRun(ctx, client, s.Ref, metav1.DeletePropagationBackground),
		withoutDenial(DeleteToken(ctx, client, s.Ref.Namespace, s.Plan)),
	)
	if left != nil {
		return fmt.Errorf("%w; what was made of the run is still there (%w): delete it with `kubectl delete job -n %s %s`",
			cause, left, s.Ref.Namespace, s.Ref.JobName())
	}
	return fmt.Errorf("%w; what was made of the run has been deleted again", cause)
}
