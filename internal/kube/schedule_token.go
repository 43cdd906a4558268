package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// furnishToken makes the Secret with the token of the schedule's runs, or gives the one that is there the new token. It goes with the
// schedule and not with a run, and the orchestrators get no right to delete it.
func (s Schedule) furnishToken(ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob) error {
	if s.Submission.Token == nil {
		return nil
	}
	secret := s.tokenSecret()
	secret.Data = map[string][]byte{tokenKey: []byte(s.Submission.Token.Value)}
	secret.OwnerReferences = []metav1.OwnerReference{cronJobOwner(cron)}
	err := persist(ctx, func(ctx context.Context) error {
		_, err := client.CoreV1().Secrets(secret.Namespace).Create(ctx, secret, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			return renewToken(ctx, client, secret)
		}
		return err
	})
	return explain("creating Secret "+secret.Name, secret.Namespace, err)
}

// tokenSecret is the Secret without the token.
func (s Schedule) tokenSecret() *corev1.Secret {
	return &corev1.Secret{ObjectMeta: s.meta(s.Submission.Ref.TokenName())}
}

// TokenObjects returns the Secret of the schedule's token, without the token; none where it has none.
func (s Schedule) TokenObjects() []runtime.Object {
	if s.Submission.Token == nil {
		return nil
	}
	return []runtime.Object{s.tokenSecret()}
}

// renewToken changes a Secret that the caller may not be able to read, if it is one of a schedule of this name. That of an earlier
// schedule, which is about to be collected, becomes this one's.
func renewToken(ctx context.Context, client kubernetes.Interface, secret *corev1.Secret) error {
	patch, err := json.Marshal([]map[string]any{
		{"op": "test", "path": "/metadata/labels/" + strings.ReplaceAll(LabelSchedule, "/", "~1"), "value": secret.Labels[LabelSchedule]},
		{"op": "add", "path": "/metadata/ownerReferences", "value": secret.OwnerReferences},
		{"op": "add", "path": "/data", "value": secret.Data},
	})
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Secrets(secret.Namespace).Patch(ctx, secret.Name, types.JSONPatchType, patch, metav1.PatchOptions{})
	if apierrors.IsInvalid(err) {
		return fmt.Errorf("there is a Secret of this name that is not this schedule's: give the schedule another Suffix, or delete it: %w", err)
	}
	return err
}
