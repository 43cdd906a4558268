package e2e

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// inventory returns every object of every kind in the namespace, but for what Kubernetes puts there itself and for
// events, which tell of what is gone.
func (e *env) inventory(t *testing.T) []unstructured.Unstructured {
	t.Helper()
	config := rest.CopyConfig(e.config)
	// Some kinds are deprecated.
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	var all []unstructured.Unstructured
	for _, r := range e.listable(t) {
		list, err := client.Resource(r).Namespace(e.namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatalf("listing %s: %v", r, err)
		}
		all = append(all, list.Items...)
	}
	return slices.DeleteFunc(all, func(o unstructured.Unstructured) bool {
		switch what(o) {
		case "ConfigMap/kube-root-ca.crt", "ServiceAccount/default":
			return true
		}
		return o.GetKind() == "Event"
	})
}

// listable returns what there can be in a namespace, each kind once.
func (e *env) listable(t *testing.T) []schema.GroupVersionResource {
	t.Helper()
	lists, err := discovery.ServerPreferredNamespacedResources(e.client.Discovery())
	if err != nil {
		t.Fatal(err)
	}
	var found []schema.GroupVersionResource
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "list") {
				found = append(found, gv.WithResource(r.Name))
			}
		}
	}
	return found
}

// what names an object.
func what(o unstructured.Unstructured) string { return o.GetKind() + "/" + o.GetName() }

// whats names objects in order.
func whats(objects []unstructured.Unstructured) []string {
	var names []string
	for _, o := range objects {
		names = append(names, what(o))
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}

// accounts are the objects that runs leave in a namespace, because they share them.
func accounts() []string {
	var names []string
	for _, kind := range []string{"Role", "RoleBinding", "ServiceAccount"} {
		for _, account := range []string{"k8sorch-orchestrator", "k8sorch-step"} {
			names = append(names, kind+"/"+account)
		}
	}
	return names
}

// wantOnlyAccountsBeside fails the test unless the namespace has what it had before, and the accounts, which belong to it
// and not to a run.
func (e *env) wantOnlyAccountsBeside(t *testing.T, before []string) {
	t.Helper()
	want := slices.Sorted(slices.Values(slices.Concat(before, accounts())))
	if diff := gocmp.Diff(want, whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-want +got):\n%s", diff)
	}
}
