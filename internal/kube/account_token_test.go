package kube

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// planWithTokens is the test's plan, with the tokens of two accounts in variables of steps: that of the trainer in those of load
// and train, and that of the walker in those of evaluate.
func planWithTokens() *plan.Plan {
	p := testPlan()
	k := p.Kubernetes
	k.Templates = append(k.Templates, *k.Templates[0].DeepCopy(), *k.Templates[0].DeepCopy())
	for i, account := range []string{"trainer", "walker"} {
		k.Templates[i].Spec.ServiceAccountName = account
		WantTokenInEnv(&k.Templates[i])
	}
	k.StepTemplates["evaluate"] = 1
	return p
}

// grantTokens makes the fake answer with a token that names its account, and returns for which accounts it has.
func grantTokens(client *fake.Clientset) (accounts func() []string) {
	var mu sync.Mutex
	var all []string
	client.PrependReactor("create", "serviceaccounts", func(action clienttesting.Action) (bool, runtime.Object, error) {
		mu.Lock()
		defer mu.Unlock()
		request := action.(clienttesting.CreateActionImpl)
		all = append(all, request.Name)
		answer := request.Object.(*authenticationv1.TokenRequest)
		answer.Status.Token = canary + request.Name
		return true, answer, nil
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func secretsOf(t *testing.T, client *fake.Clientset) map[string]corev1.Secret {
	t.Helper()
	list, err := client.CoreV1().Secrets("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]corev1.Secret{}
	for _, secret := range list.Items {
		all[secret.Name] = secret
	}
	return all
}

// secretOf returns the name and the key of the Secret from which a pod has its token.
func secretOf(pod *corev1.Pod) corev1.SecretKeySelector {
	return *accountTokenVar(mainContainer(&pod.Spec)).ValueFrom.SecretKeyRef
}

func TestPodsThatStartTogetherShareTheTokens(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	asked := grantTokens(client)
	c := NewCluster(client, testRef(), planWithTokens(), Options{})
	var starting sync.WaitGroup
	for _, step := range []string{"load", "train", "evaluate"} {
		starting.Go(func() {
			if err := c.Start(t.Context(), step, 1); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	if diff := cmp.Diff([]string{"trainer", "walker"}, asked()); diff != "" {
		t.Errorf("tokens asked for (-want +got):\n%s", diff)
	}
	secrets := secretsOf(t, client)
	if len(secrets) != 1 {
		t.Fatalf("there are %d Secrets, want 1", len(secrets))
	}
	for step, account := range map[string]string{"load": "trainer", "train": "trainer", "evaluate": "walker"} {
		pod, err := client.CoreV1().Pods("team").Get(t.Context(), PodName("", "train-7", step, 1), metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		from := secretOf(pod)
		if got := string(secrets[from.Name].Data[from.Key]); got != canary+account {
			t.Errorf("%s has the token %q, want that of %s", step, got, account)
		}
	}
}

func TestSecretWithTokens(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	grantTokens(client)
	tokens := newAccountTokens(client, testRef(), planWithTokens())
	if err := tokens.make(t.Context(), "tokens"); err != nil {
		t.Fatal(err)
	}
	want := corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: "tokens", Namespace: "team", Labels: testRef().Labels(), OwnerReferences: []metav1.OwnerReference{testRef().jobOwner()},
		},
		Immutable: new(true),
		Data:      map[string][]byte{"trainer": []byte(canary + "trainer"), "walker": []byte(canary + "walker")},
	}
	got := secretsOf(t, client)["tokens"]
	got.TypeMeta, got.UID, got.ResourceVersion, got.ManagedFields = metav1.TypeMeta{}, "", "", nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Secret (-want +got):\n%s", diff)
	}
}

// Nobody renews a token, and a pod may be on its way for long: a new pod gets a new one.
func TestEachTurnHasItsTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newFakeAPI()
		asked := grantTokens(client)
		give := func(tokens *accountTokens) string {
			pod := NewPods(testRef(), planWithTokens()).Of("load", 1, 0)
			if err := tokens.give(t.Context(), pod); err != nil {
				t.Fatal(err)
			}
			return secretOf(pod).Name
		}
		tokens := newAccountTokens(client, testRef(), planWithTokens())
		first := give(tokens)
		time.Sleep(accountTokenTurn - time.Second)
		if again := give(tokens); again != first {
			t.Errorf("in the same turn the Secret is %s, then %s", first, again)
		}
		time.Sleep(time.Second)
		second := give(tokens)
		if second == first {
			t.Errorf("in the next turn the Secret is still %s", first)
		}
		// Another orchestrator of the run, which may read no Secret, finds that there is one.
		if twin := give(newAccountTokens(client, testRef(), planWithTokens())); twin != second {
			t.Errorf("another orchestrator names %s, not %s", twin, second)
		}
		if diff := cmp.Diff([]string{"trainer", "walker", "trainer", "walker", "trainer", "walker"}, asked()); diff != "" {
			t.Errorf("tokens asked for (-want +got):\n%s", diff)
		}
		if there := secretsOf(t, client); len(there) != 2 {
			t.Errorf("there are %d Secrets, want 2", len(there))
		}
	})
}

func TestSecretsOfTokensGoWithTheirJob(t *testing.T) {
	t.Parallel()
	at := time.Unix(1700000000, 0)
	ref, retried := testRef(), testRef()
	retried.JobUID = "another"
	if name := ref.accountTokensName(at); name == retried.accountTokensName(at) {
		t.Errorf("%s is the name under both Jobs: deleting the first would take it from the second", name)
	}
}

func TestPodsWithoutATokenInEnvAskForNone(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	asked := grantTokens(client)
	c := NewCluster(client, testRef(), testPlan(), Options{})
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	if all := asked(); len(all) > 0 {
		t.Errorf("tokens were asked for: %q", all)
	}
}

func TestStartSaysWhyThereIsNoToken(t *testing.T) {
	t.Parallel()
	accounts := corev1.Resource("serviceaccounts")
	for name, test := range map[string]struct {
		resource string
		err      error
		reason   string
	}{
		"no account":       {"serviceaccounts", apierrors.NewNotFound(accounts, "trainer"), "ServiceAccount"},
		"no right to ask":  {"serviceaccounts", apierrors.NewForbidden(accounts, "trainer", errors.New(`User "x" cannot create resource "some" in API group "" in the namespace "team"`)), "Forbidden"},
		"no right to make": {"secrets", apierrors.NewForbidden(corev1.Resource("secrets"), "", errors.New(`User "x" cannot create resource "some" in API group "" in the namespace "team"`)), "Forbidden"},
		"no answer":        {"serviceaccounts", apierrors.NewInternalError(errors.New("down")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI()
			grantTokens(client)
			refuseOnce(client, "create", test.resource, test.err)
			c := NewCluster(client, testRef(), planWithTokens(), Options{})
			err := c.Start(t.Context(), "load", 1)
			refusal, refused := errors.AsType[*engine.Refusal](err)
			if err == nil || refused != (test.reason != "") || refused && (refusal.Reason != test.reason || refusal.Permanent) {
				t.Fatalf("error %v, want a refusal for the reason %q", err, test.reason)
			}
			if err := c.Start(t.Context(), "load", 1); err != nil {
				t.Errorf("when that is mended: %v", err)
			}
		})
	}
}

func TestAccountsInEnv(t *testing.T) {
	t.Parallel()
	p := planWithTokens()
	p.Kubernetes.Templates[2].Spec.ServiceAccountName = "mounts"
	if diff := cmp.Diff([]string{"trainer", "walker"}, AccountsInEnv(p)); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
}

// Who wants the token in files as well gets both.
func TestTokenInEnvLeavesMountsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	p := planWithTokens()
	p.Kubernetes.Templates[0].Spec.AutomountServiceAccountToken = new(true)
	pod := NewPods(testRef(), p).Of("load", 1, 0)
	if !*pod.Spec.AutomountServiceAccountToken {
		t.Error("the pod has no token in files")
	}
	if i := slices.IndexFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == RoleVolume }); i >= 0 {
		t.Errorf("the pod has the volume %s", reexec.PodDir)
	}
}
