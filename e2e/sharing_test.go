package e2e

import (
	"path/filepath"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/org/k8sorch/cli"
)

// TestRunsAtOnce runs three pipelines in one namespace, two of them the same, which has no accounts yet.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	quickstart, scenarios := built(t, buildQuickstart), built(t, buildScenarios)
	first := s.start(t, command{program: quickstart})
	second := s.start(t, command{program: quickstart})
	other := s.start(t, command{program: scenarios, env: []string{"SCENARIO=wide"}})
	for _, c := range []*client{first, second, other} {
		c.wantExit(t, cli.ExitSucceeded)
	}
	wantReport(t, first)
	wantReport(t, second)
	s.catchUp(t)
	want := map[string]int{}
	for _, job := range s.jobs.last(func(*batchv1.Job) bool { return true }) {
		want[job.Name] = map[string]int{"quickstart": len(quickstartSteps()), "wide": 6}[job.Labels[labelPipeline]]
	}
	if len(want) != 3 {
		t.Errorf("there were %d runs, want 3", len(want))
	}
	got := map[string]int{}
	for _, pod := range s.pods.last(isAnyStep) {
		got[pod.Labels[labelRun]]++
	}
	for run, pods := range want {
		if got[run] != pods {
			t.Errorf("run %s has %d pods of steps, want %d", run, got[run], pods)
		}
	}
}

// TestUserWhoMayNotMakeRoles runs as somebody who has the least rights with which one can submit and follow a run, in a
// namespace where the accounts are.
func TestUserWhoMayNotMakeRoles(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	scenarios, env := built(t, buildScenarios), []string{"SCENARIO=attempts"}
	s.start(t, command{program: scenarios, env: env}).wantExit(t, cli.ExitSucceeded)

	user := *s.env
	user.kubeconfig = s.userKubeconfig(t, "submitter", []rbacv1.PolicyRule{
		{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: []string{"create", "get", "list", "watch", "patch", "delete"}},
		{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"create", "get", "list", "watch"}},
		{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"create", "list", "watch"}},
		{APIGroups: []string{""}, Resources: []string{"pods/log"}, Verbs: []string{"get"}},
	})
	c := user.start(t, command{program: scenarios, env: env})
	c.wantExit(t, cli.ExitSucceeded)
	wantText(t, c.stderr.String(), "[try] tries number=1")
}

// userKubeconfig makes a user with these rights in the namespace, and writes a kubeconfig for them.
func (s *scene) userKubeconfig(t *testing.T, name string, rules []rbacv1.PolicyRule) string {
	t.Helper()
	ctx, none := t.Context(), metav1.CreateOptions{}
	as := metav1.ObjectMeta{Name: name}
	if _, err := s.client.CoreV1().ServiceAccounts(s.namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: as}, none); err != nil {
		t.Fatal(err)
	}
	rbac := s.client.RbacV1()
	if _, err := rbac.Roles(s.namespace).Create(ctx, &rbacv1.Role{ObjectMeta: as, Rules: rules}, none); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: as, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: name, Namespace: s.namespace}},
	}
	if _, err := rbac.RoleBindings(s.namespace).Create(ctx, binding, none); err != nil {
		t.Fatal(err)
	}
	token, err := s.client.CoreV1().ServiceAccounts(s.namespace).CreateToken(ctx, name, &authenticationv1.TokenRequest{}, none)
	if err != nil {
		t.Fatal(err)
	}
	return s.writeKubeconfig(t, &clientcmdapi.AuthInfo{Token: token.Status.Token})
}

// writeKubeconfig writes the test's kubeconfig with another user.
func (s *scene) writeKubeconfig(t *testing.T, user *clientcmdapi.AuthInfo) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(s.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.AuthInfos[config.Contexts[config.CurrentContext].AuthInfo] = user
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return file
}
