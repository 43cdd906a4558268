package kube

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// authorize makes the fake judge as an API server does whose authorizer can list only some of what it grants. It returns
// the rights that are asked for one by one.
func authorize(client *fake.Clientset, granted, listed []rbacv1.PolicyRule) (asked *[]string) {
	asked = new([]string)
	answer := func(right *authorizationv1.ResourceAttributes) authorizationv1.SubjectAccessReviewStatus {
		*asked = append(*asked, right.Verb+" "+resourceOf(*right))
		return authorizationv1.SubjectAccessReviewStatus{Allowed: grants(granted, right.Group, resourceOf(*right), right.Verb, right.Name)}
	}
	client.PrependReactor("create", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		switch review := action.(clienttesting.CreateAction).GetObject().(type) {
		case *authorizationv1.SelfSubjectRulesReview:
			for _, r := range listed {
				review.Status.ResourceRules = append(review.Status.ResourceRules,
					authorizationv1.ResourceRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames})
			}
			return true, review, nil
		case *authorizationv1.SelfSubjectAccessReview:
			review.Status = answer(review.Spec.ResourceAttributes)
			return true, review, nil
		}
		return false, nil, nil
	})
	return asked
}

// without returns the orchestrator's rules but for one verb.
func without(resource, verb string) []rbacv1.PolicyRule {
	rules := OrchestratorRights().Rules
	for i, r := range rules {
		if r.Resources[0] == resource {
			rules[i].Verbs = slices.DeleteFunc(r.Verbs, func(v string) bool { return v == verb })
		}
	}
	return rules
}

func TestOwnRights(t *testing.T) {
	t.Parallel()
	all := OrchestratorRights().Rules
	named := slices.Clone(all)
	named[0].ResourceNames = []string{"train-7"}
	withTokens := OrchestratorRights("loader", "trainer").Rules
	tests := map[string]struct {
		tokensOf        []string
		granted, listed []rbacv1.PolicyRule
		asked, missing  []string
	}{
		"all":               {nil, all, all, nil, nil},
		"more":              {nil, all, []rbacv1.PolicyRule{rule("*", "*", "*")}, nil, nil},
		"one is not listed": {nil, all, without("pods", "watch"), []string{"watch pods"}, nil},
		"one is missing":    {nil, without("pods", "watch"), without("pods", "watch"), []string{"watch pods"}, []string{"watch pods"}},
		"of some objects only": {
			nil, all[1:], named,
			[]string{"create pods", "get pods", "list pods", "watch pods", "delete pods"},
			[]string{"create pods", "get pods", "list pods", "watch pods", "delete pods"},
		},
		"tokens of the accounts":  {[]string{"trainer"}, withTokens, withTokens, nil, nil},
		"tokens of every account": {[]string{"trainer"}, nil, append(all, tokenRules([]string{"*"})[1], rule("", "serviceaccounts/token", "create")), nil, nil},
		"tokens of another account": {
			[]string{"trainer", "walker"}, withTokens, withTokens,
			[]string{"create serviceaccounts/token"}, []string{"create serviceaccounts/token walker"},
		},
		"no tokens": {
			[]string{"trainer"}, all, all,
			[]string{"create secrets", "create serviceaccounts/token"}, []string{"create secrets", "create serviceaccounts/token trainer"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := fake.NewClientset()
			asked := authorize(client, test.granted, test.listed)
			err := checkOwnRights(t.Context(), client, "team", OrchestratorRights(test.tokensOf...))
			var missing []string
			if lacking, ok := errors.AsType[*RightsError](err); ok {
				missing = lacking.Missing
			} else if err != nil {
				t.Fatal(err)
			}
			slices.Sort(*asked)
			slices.Sort(test.asked)
			slices.Sort(missing)
			slices.Sort(test.missing)
			if diff := cmp.Diff(test.asked, *asked); diff != "" {
				t.Errorf("asked for one by one (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRightsErrorSaysWhatIsMissingAndWhatToDo(t *testing.T) {
	t.Parallel()
	err := &RightsError{Account: "service account bot in namespace team", Missing: []string{"get pods", "watch jobs"}}
	want := "service account bot in namespace team may not get pods, watch jobs: apply what Orchestrator.RBAC returns and the command rbac prints, " +
		"which grants it that, or leave ServiceAccountName out"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestRightsThatAreOnTheirWayAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		authorize(client, nil, OrchestratorRights().Rules)
		var calls atomic.Int32
		client.PrependReactor("create", "selfsubjectrulesreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
			return calls.Add(1) < 3, action.(clienttesting.CreateAction).GetObject(), nil
		})
		if err := awaitOwnRights(t.Context(), client, "team", OrchestratorRights()); err != nil {
			t.Error(err)
		}
	})
}

func TestRightsThatNeverComeAreAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		authorize(client, nil, nil)
		if err := awaitOwnRights(t.Context(), client, "team", OrchestratorRights()); !isRightsError(err) {
			t.Errorf("error = %v, want a RightsError", err)
		}
	})
}

func TestWhoMayNotAskIsNotStopped(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	forbid(client, "create selfsubjectrulesreviews")
	if err := withoutDenial(awaitOwnRights(t.Context(), client, "team", OrchestratorRights())); err != nil {
		t.Error(err)
	}
}
