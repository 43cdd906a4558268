package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"

	"github.com/org/k8sorch/cli"
)

// TestRenderedObjectsAreAccepted applies what render prints as kubectl does with --dry-run=server, and more strictly. The
// accounts have to be there first: the API server takes no pod, not even for show, whose account does not exist.
func TestRenderedObjectsAreAccepted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	c, code := e.run(t, command{program: built(t, buildQuickstart), args: []string{"render", "--rows", "100"}})
	if code != cli.ExitSucceeded {
		t.Fatalf("exit code %d", code)
	}
	shared, kinds := e.rehearse(t, readObjects(t, c.stdout.String()))
	if diff := cmp.Diff(accounts(), shared); diff != "" {
		t.Errorf("objects that are not the run's own (-want +got):\n%s", diff)
	}
	want := map[string]int{"Role": 2, "RoleBinding": 2, "ServiceAccount": 2, "Job": 1, "ConfigMap": 1, "Pod": len(quickstartSteps())}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("objects of each kind (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(accounts(), whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-want +got):\n%s", diff)
	}
}

// rehearse applies those of the objects that runs share, and has the API server judge all of them as if they were applied.
// It returns the shared ones and how many there are of each kind.
func (e *env) rehearse(t *testing.T, objects []unstructured.Unstructured) (shared []string, kinds map[string]int) {
	t.Helper()
	apply := e.applier(t)
	for _, o := range objects {
		if o.GetLabels()[labelRun] == "" {
			shared = append(shared, what(o))
			apply(o)
		}
	}
	slices.Sort(shared)
	kinds = map[string]int{}
	for _, o := range objects {
		kinds[o.GetKind()]++
		apply(o, metav1.DryRunAll)
	}
	return shared, kinds
}

// readObjects reads a stream of YAML documents.
func readObjects(t *testing.T, text string) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewBufferString(text), len(text))
	for {
		var o unstructured.Unstructured
		err := decoder.Decode(&o.Object)
		switch {
		case errors.Is(err, io.EOF):
			return objects
		case err != nil:
			t.Fatalf("reading what was rendered: %v", err)
		}
		objects = append(objects, o)
	}
}

// applier returns what applies an object to the cluster, and refuses fields that the API server does not know.
func (e *env) applier(t *testing.T) func(o unstructured.Unstructured, dryRun ...string) {
	t.Helper()
	client, err := dynamic.NewForConfig(e.config)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := restmapper.GetAPIGroupResources(e.client.Discovery())
	if err != nil {
		t.Fatal(err)
	}
	mapper := restmapper.NewDiscoveryRESTMapper(groups)
	return func(o unstructured.Unstructured, dryRun ...string) {
		t.Helper()
		kind := o.GroupVersionKind()
		mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			t.Fatal(err)
		}
		patch, err := json.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		options := metav1.PatchOptions{DryRun: dryRun, FieldManager: "e2e", FieldValidation: metav1.FieldValidationStrict}
		if _, err := client.Resource(mapping.Resource).Namespace(o.GetNamespace()).Patch(t.Context(), o.GetName(), types.ApplyPatchType, patch, options); err != nil {
			t.Errorf("applying %s: %v", what(o), err)
		}
	}
}
