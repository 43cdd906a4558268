package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/org/k8sorch/internal/kube"
)

var buildFlaky = sync.OnceValues(func() (string, error) { return build(".", "./testdata/flaky") })

// right is one verb on one resource.
type right struct{ verb, resource string }

func (r right) String() string { return r.verb + " " + r.resource }

// rightsOf returns the rights of a generated account one by one.
func rightsOf(a kube.Account) []right {
	var all []right
	for _, rule := range a.Rules {
		for _, verb := range rule.Verbs {
			all = append(all, right{verb, rule.Resources[0]})
		}
	}
	return all
}

// without returns the rules of a generated account but for one right.
func without(a kube.Account, missing right) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, rule := range a.Rules {
		rule.Verbs = slices.DeleteFunc(slices.Clone(rule.Verbs), func(verb string) bool {
			return right{verb, rule.Resources[0]} == missing
		})
		rules = append(rules, rule)
	}
	return slices.DeleteFunc(rules, func(rule rbacv1.PolicyRule) bool { return len(rule.Verbs) == 0 })
}

// grant makes a service account with these rights and nothing else.
func (e *env) grant(t *testing.T, name string, rules []rbacv1.PolicyRule) {
	t.Helper()
	meta := metav1.ObjectMeta{Name: name}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: name, Namespace: e.namespace}},
	}
	rbac := e.client.RbacV1()
	if _, err := rbac.Roles(e.namespace).Create(t.Context(), &rbacv1.Role{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := rbac.RoleBindings(e.namespace).Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	e.makeAccount(t, &corev1.ServiceAccount{ObjectMeta: meta})
}

// as returns the same place on the cluster for one who is nothing but this service account.
func (e *env) as(t *testing.T, account string) *env {
	t.Helper()
	token, err := e.client.CoreV1().ServiceAccounts(e.namespace).CreateToken(t.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(e.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := clientcmdapi.FlattenConfig(config); err != nil {
		t.Fatal(err)
	}
	config.AuthInfos = map[string]*clientcmdapi.AuthInfo{account: {Token: token.Status.Token}}
	config.Contexts[config.CurrentContext].AuthInfo = account
	other := *e
	other.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, other.kubeconfig); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(other.kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	return &other
}
