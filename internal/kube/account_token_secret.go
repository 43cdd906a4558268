package kube

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
)

const (
	// accountTokenLife is how long a token is to be good that steps get in a variable, which nobody renews. An API server may give
	// less, but no less than an hour (--service-account-max-token-expiration of kube-apiserver).
	accountTokenLife = 24 * time.Hour
	// accountTokenTurn is how long one token is given to new pods.
	accountTokenTurn = 30 * time.Minute
)

// accountTokensName is the name of the Secret with the tokens of a turn. Whoever orchestrates the run knows it, and by it that
// the tokens are good: they were made in this turn. It is another one for each Job, with which the Secret goes.
func (r Ref) accountTokensName(at time.Time) string {
	turn := at.Truncate(accountTokenTurn)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", r.JobUID, turn.Unix()))
	return r.JobName() + "-account-" + hex.EncodeToString(sum[:])[:10]
}

// accountTokens makes the Secrets with the tokens of a run's steps. The right to create them is enough: none is read, renewed or
// deleted, but by the garbage collector once the run's Job is gone.
type accountTokens struct {
	client   kubernetes.Interface
	ref      Ref
	accounts []string
	making   singleflight.Group
	// made is the name of the latest Secret that is there.
	made atomic.Value
}

func newAccountTokens(client kubernetes.Interface, ref Ref, p *plan.Plan) *accountTokens {
	return &accountTokens{client: client, ref: ref, accounts: AccountsInEnv(p)}
}

// give names the Secret of this turn to a pod that gets a token from one, and makes it first where that is not done.
func (a *accountTokens) give(ctx context.Context, pod *corev1.Pod) error {
	v := accountTokenVar(mainContainer(&pod.Spec))
	if v == nil {
		return nil
	}
	name := a.ref.accountTokensName(time.Now())
	_, err, _ := a.making.Do(name, func() (any, error) { return nil, a.make(ctx, name) })
	v.ValueFrom.SecretKeyRef.Name = name
	return err
}

func (a *accountTokens) make(ctx context.Context, name string) error {
	if a.made.Load() == name {
		return nil
	}
	tokens := map[string][]byte{}
	for _, account := range a.accounts {
		token, err := a.request(ctx, account)
		if err != nil {
			return err
		}
		tokens[account] = []byte(token)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: a.ref.Namespace, Labels: a.ref.Labels(), OwnerReferences: []metav1.OwnerReference{a.ref.jobOwner()},
		},
		Immutable: new(true), Data: tokens,
	}
	_, err := a.client.CoreV1().Secrets(a.ref.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("creating Secret %s with the tokens of the steps' accounts: %w", name, err)
	}
	a.made.Store(name)
	return nil
}

func (a *accountTokens) request(ctx context.Context, account string) (string, error) {
	asked := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: new(int64(accountTokenLife / time.Second)),
	}}
	got, err := a.client.CoreV1().ServiceAccounts(a.ref.Namespace).CreateToken(ctx, account, asked, metav1.CreateOptions{})
	switch {
	case apierrors.IsNotFound(err):
		// As the API server refuses a pod of such an account: it may be on its way.
		return "", &engine.Refusal{Reason: "ServiceAccount", Message: err.Error()}
	case err != nil:
		return "", fmt.Errorf("asking for a token of service account %s: %w", account, err)
	}
	return got.Status.Token, nil
}
