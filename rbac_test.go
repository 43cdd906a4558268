package pipeline_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

var kindAndName = regexp.MustCompile(`(?ms)^kind: (\w+)$.*?^  name: (\S+)$`)

// kinds returns the kind and the name of each object of a manifest.
func kinds(manifest []byte) (all []string) {
	for document := range strings.SplitSeq(string(manifest), "---\n") {
		if found := kindAndName.FindStringSubmatch(document); found != nil {
			all = append(all, found[1]+" "+found[2])
		}
	}
	return all
}

func TestRBAC(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	orchestrator := []string{"Role k8sorch-orchestrator", "RoleBinding k8sorch-orchestrator", "ServiceAccount k8sorch-orchestrator"}
	step := []string{"Role k8sorch-step", "RoleBinding k8sorch-step", "ServiceAccount k8sorch-step"}
	named := pipeline.KubernetesOrchestratorSettings{ServiceAccountName: new("runner"), StepPodServiceAccountName: new("worker")}
	granted := []string{"Role k8sorch-orchestrator", "RoleBinding k8sorch-orchestrator-runner"}
	edit := []string{
		"RoleBinding k8sorch-orchestrator-edit", "ServiceAccount k8sorch-orchestrator", "RoleBinding k8sorch-step-edit", "ServiceAccount k8sorch-step",
	}
	for name, test := range map[string]struct {
		config pipeline.Config
		want   []string
	}{
		"generated accounts":       {pipeline.Config{}, append(orchestrator, step...)},
		"accounts of their own":    {pipeline.Config{Settings: named}, granted},
		"bound to edit":            {pipeline.Config{BindEditRole: true}, edit},
		"bound to edit, one named": {pipeline.Config{BindEditRole: true, Settings: named}, granted},
		"a namespace to come":      {pipeline.Config{CreateNamespace: true, Namespace: "ml", Settings: named}, append([]string{"Namespace ml"}, granted...)},
	} {
		manifest, err := pipeline.NewOrchestrator(test.config).RBAC(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, kinds(manifest)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSubmitterRBAC(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	for name, test := range map[string]struct {
		config pipeline.Config
		want   []string
	}{
		"without a token": {pipeline.Config{}, []string{"Role k8sorch-submitter", "RoleBinding k8sorch-submitter-49915e0d"}},
		"with a token": {pipeline.Config{Token: giveCanary}, []string{
			"Role k8sorch-submitter", "RoleBinding k8sorch-submitter-49915e0d", "Role k8sorch-submitter-token", "RoleBinding k8sorch-submitter-token-49915e0d",
		}},
		"with one in the pods": {pipeline.Config{Token: giveCanary, PassTokenAsSecret: new(false)}, []string{
			"Role k8sorch-submitter", "RoleBinding k8sorch-submitter-49915e0d",
		}},
	} {
		manifest, err := pipeline.NewOrchestrator(test.config).SubmitterRBAC(t.Context(), p, "ann")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, kinds(manifest)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := pipeline.NewOrchestrator(pipeline.Config{}).SubmitterRBAC(t.Context(), p, ""); err == nil || !strings.Contains(err.Error(), "kubectl auth whoami") {
		t.Errorf("error %v, want one that asks for the user", err)
	}
}

// TestAccessPageListsTheRights keeps the tables of the page as the code is.
func TestAccessPageListsTheRights(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ToLower(string(text))
	for format, rules := range map[string][]rbacv1.PolicyRule{
		"%s: %s":                    slices.Concat(kube.OrchestratorRights().Rules, kube.OrchestratorRights().Optional),
		"`k8sorch-step` | %s: %s |": kube.StepRights().Rules,
		"| %s | %s |":               kube.SubmitterRules(),
		"a token: %s | %s |":        kube.TokenRules()[:1],
	} {
		for _, rule := range rules {
			want := fmt.Sprintf(format, rule.Resources[0], strings.Join(rule.Verbs, ", "))
			if !strings.Contains(page, want) {
				t.Errorf("docs/access.md does not say %q", want)
			}
		}
	}
}

func TestBindEditRole(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, BindEditRole: true, Token: giveCanary,
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}, pipeline.WithClientset(c.Clientset()))
	if _, err := o.Run(c.Context(t.Context()), p); err != nil {
		t.Fatal(err)
	}
	rbac := c.Clientset().RbacV1()
	if roles, err := rbac.Roles(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{}); err != nil || len(roles.Items) > 0 {
		t.Errorf("Roles %v, %v, want none, not even for the token", roles, err)
	}
	for _, account := range []string{kube.OrchestratorAccount, kube.StepAccount} {
		binding, err := rbac.RoleBindings(k8sorchtest.Namespace).Get(t.Context(), account+"-edit", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if binding.RoleRef.Kind != "ClusterRole" || binding.RoleRef.Name != "edit" || binding.Subjects[0].Name != account {
			t.Errorf("binding %+v", binding)
		}
	}
}
