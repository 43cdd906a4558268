package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestAccountsManifest(t *testing.T) {
	t.Parallel()
	tests := map[string][]Account{
		"accounts.yaml":        {OrchestratorRights(), StepRights()},
		"accounts_tokens.yaml": {OrchestratorRights(StepAccount, "trainer")},
		"accounts_edit.yaml":   {{Name: OrchestratorAccount, ClusterRole: EditRole}},
	}
	for file, accounts := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			got, err := YAML(AccountObjects("team", accounts...)...)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, file, got)
		})
	}
}

func TestSubmitterManifest(t *testing.T) {
	t.Parallel()
	for file, token := range map[string]bool{"submitter.yaml": false, "submitter_token.yaml": true} {
		got, err := YAML(SubmitterObjects("team", "https://issuer.example/ann", token)...)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, file, got)
	}
}

func TestGrantManifest(t *testing.T) {
	t.Parallel()
	got, err := YAML(GrantObjects("team", "runner", OrchestratorRights())...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "grant.yaml", got)
}

// forbid makes the fake refuse calls like "create roles".
func forbid(client *fake.Clientset, calls ...string) {
	client.PrependReactor("*", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		verb, resource := action.GetVerb(), action.GetResource().Resource
		if !slices.Contains(calls, verb+" "+resource) {
			return false, nil, nil
		}
		return true, nil, noRightTo(verb, resource)
	})
}

func noRightTo(verb, resource string) error {
	return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "", fmt.Errorf("User %q cannot %s resource %q", "me", verb, resource))
}

// refusals are the ways in which an account is shut out.
func refusals(verb, resource string) map[string]error {
	return map[string]error{"no right": noRightTo(verb, resource), "not known": apierrors.NewUnauthorized("who?")}
}

// writes returns the calls that changed something.
func writes(client *fake.Clientset) []string {
	var calls []string
	for _, action := range client.Actions() {
		if verb := action.GetVerb(); verb != "get" && verb != "list" && verb != "watch" {
			calls = append(calls, verb+" "+action.GetResource().Resource)
		}
	}
	return calls
}

func TestEnsureAccountsMakesThemOnce(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	for range 2 {
		if err := EnsureAccounts(t.Context(), client, "team", StepRights()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"create roles", "create rolebindings", "create serviceaccounts"}
	if diff := cmp.Diff(want, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

func TestEnsureAccountsAddsRightsAndTakesNoneAway(t *testing.T) {
	t.Parallel()
	older := StepRights()
	older.Rules = []rbacv1.PolicyRule{rule("", "configmaps", "create"), rule("", "secrets", "get")}
	client := fake.NewClientset(AccountObjects("team", older)...)
	if err := EnsureAccounts(t.Context(), client, "team", StepRights()); err != nil {
		t.Fatal(err)
	}
	role, err := client.RbacV1().Roles("team").Get(t.Context(), StepAccount, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Clone(older.Rules), rule("", "configmaps", "get"))
	if diff := cmp.Diff(want, role.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestEnsureAccountsForThoseWhoMayNot(t *testing.T) {
	t.Parallel()
	accounts := []Account{OrchestratorRights(), StepRights()}
	weaker := StepRights()
	weaker.Rules = weaker.Rules[:0]
	wider := StepRights()
	wider.Rules = []rbacv1.PolicyRule{rule("*", "*", "*")}
	complete := AccountObjects("team", accounts...)
	changes := []string{"create roles", "update roles", "create rolebindings", "update rolebindings"}
	blind := append([]string{"get roles", "get rolebindings"}, changes...)
	tests := []struct {
		name   string
		there  []runtime.Object
		denied []string
		fails  bool
	}{
		{"nothing there", nil, changes, true},
		{"all there", complete, changes, false},
		{"more than needed there", append(AccountObjects("team", OrchestratorRights()), AccountObjects("team", wider)...), changes, false},
		{"too little there", append(AccountObjects("team", OrchestratorRights()), AccountObjects("team", weaker)...), changes, true},
		{"there, but the rights are not to be seen", complete, blind, false},
		{"not there, and the rights are not to be seen", nil, blind, true},
		{"nothing to be seen at all", nil, append([]string{"get serviceaccounts", "create serviceaccounts"}, blind...), false},
		{"rights that one may not pass on", nil, []string{"create roles"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := fake.NewClientset(test.there...)
			forbid(client, test.denied...)
			err := EnsureAccounts(t.Context(), client, "team", accounts...)
			missing, ok := errors.AsType[*AccountsError](err)
			if ok != test.fails || (err != nil) != test.fails {
				t.Fatalf("error %v, want one with a manifest: %t", err, test.fails)
			}
			if !test.fails {
				return
			}
			if !strings.Contains(string(missing.Manifest), "kind: RoleBinding") {
				t.Errorf("manifest %q", missing.Manifest)
			}
			if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), missing.Account+" in namespace team") {
				t.Errorf("error %q does not name the account and the refusal", err)
			}
		})
	}
}

// Runs whose steps get the tokens of several accounts share one Role.
func TestMendAddsTheNamesThatARuleLacks(t *testing.T) {
	t.Parallel()
	role := OrchestratorRights("trainer").role("team")
	for _, want := range []bool{true, false} {
		changed, err := mendRole(role, OrchestratorRights("trainer", "walker").role("team"))
		if err != nil || changed != want {
			t.Fatalf("changed %t, error %v, want %t", changed, err, want)
		}
	}
	walker := rule("", "serviceaccounts/token", "create")
	walker.ResourceNames = []string{"walker"}
	if diff := cmp.Diff(append(OrchestratorRights("trainer").role("team").Rules, walker), role.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// An account that exists vouches for its rights, so it must never be made before them.
func TestEnsureAccountsMakesNoAccountWithoutItsRights(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	forbid(client, "create rolebindings")
	if err := EnsureAccounts(t.Context(), client, "team", StepRights()); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff([]string{"create roles", "create rolebindings"}, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

func TestEnsureAccountsMeetsAnotherClient(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	client.PrependReactor("create", "roles", func(action clienttesting.Action) (bool, runtime.Object, error) {
		role := action.(clienttesting.CreateAction).GetObject().(*rbacv1.Role)
		if err := client.Tracker().Add(role); err != nil {
			return true, nil, err
		}
		return true, nil, apierrors.NewAlreadyExists(rbacv1.Resource("roles"), role.Name)
	})
	if err := EnsureAccounts(t.Context(), client, "team", StepRights()); err != nil {
		t.Error(err)
	}
}

func TestEnsureAccountsBindsTheAccount(t *testing.T) {
	t.Parallel()
	binding := StepRights().binding("team")
	other := rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "ann"}
	binding.Subjects = []rbacv1.Subject{other}
	client := fake.NewClientset(binding)
	if err := EnsureAccounts(t.Context(), client, "team", StepRights()); err != nil {
		t.Fatal(err)
	}
	got, err := client.RbacV1().RoleBindings("team").Get(t.Context(), StepAccount, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(binding.Subjects[:1:1], StepRights().binding("team").Subjects...), got.Subjects); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}

func TestEnsureAccountsOfABindingToSomethingElse(t *testing.T) {
	t.Parallel()
	binding := StepRights().binding("team")
	binding.RoleRef.Name = "other"
	client := fake.NewClientset(binding)
	err := EnsureAccounts(t.Context(), client, "team", StepRights())
	if err == nil || !strings.Contains(err.Error(), "binds Role other instead of k8sorch-step: delete it") {
		t.Errorf("error %v", err)
	}
}

func TestEnsureAccountsGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := fake.NewClientset()
	client.PrependReactor("get", "roles", func(clienttesting.Action) (bool, runtime.Object, error) {
		cancel()
		return true, nil, apierrors.NewServiceUnavailable("down")
	})
	if err := EnsureAccounts(ctx, client, "team", StepRights()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
