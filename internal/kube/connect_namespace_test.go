package kube

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
)

func TestEnsureNamespace(t *testing.T) {
	t.Parallel()
	there := Namespace("team")
	there.Labels = map[string]string{"owner": "somebody"}
	tests := []struct {
		name   string
		client *fake.Clientset
		create bool
		denied []string
		labels map[string]string
		writes []string
		fails  bool
	}{
		{"not asked for", fake.NewClientset(), false, nil, nil, nil, false},
		{"missing", fake.NewClientset(), true, nil, map[string]string{"app.kubernetes.io/managed-by": "k8sorch"}, []string{"create namespaces"}, false},
		{"there", fake.NewClientset(there), true, nil, there.Labels, nil, false},
		{"not to be seen", fake.NewClientset(there), true, []string{"get namespaces"}, there.Labels, nil, false},
		{"not to be made", fake.NewClientset(), true, []string{"create namespaces"}, nil, []string{"create namespaces"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			forbid(test.client, test.denied...)
			c, err := Connect(Target{Clientset: test.client, Namespace: "team", CreateNamespace: test.create})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.EnsureNamespace(t.Context()); (err != nil) != test.fails {
				t.Errorf("error %v, want one: %t", err, test.fails)
			}
			if diff := cmp.Diff(test.writes, writes(test.client)); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
			test.client.ReactionChain = test.client.ReactionChain[1:] // whoever looks now may see it
			ns, err := test.client.CoreV1().Namespaces().Get(t.Context(), "team", metav1.GetOptions{})
			if (err == nil) != (test.labels != nil) {
				t.Fatalf("reading the namespace: %v", err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(test.labels, ns.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckIsContentWithANamespaceToCome(t *testing.T) {
	t.Parallel()
	for _, create := range []bool{true, false} {
		c := api(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/version" {
				answer(w, 200, `{"gitVersion":"v1.37.2","platform":"linux/arm64"}`)
				return
			}
			answer(w, 404, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
		})
		c.createNamespace = create
		if _, err := c.Check(t.Context()); (err == nil) != create {
			t.Errorf("to be made: %t, error %v", create, err)
		}
	}
}
