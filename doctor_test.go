package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// deny answers that one may not do what is about a resource.
func deny(client *fake.Clientset, verb, resource string) {
	client.PrependReactor("create", "selfsubjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		review, _ := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview)
		asked := review.Spec.ResourceAttributes
		return asked.Verb == verb && asked.Resource == resource, review, nil
	})
}

// results are how the checks came out, by name.
func results(checks []pipeline.Check) map[string]pipeline.CheckResult {
	all := map[string]pipeline.CheckResult{}
	for _, c := range checks {
		all[c.Name] = c.Result
	}
	return all
}

func doctored(t *testing.T, o *pipeline.Orchestrator, p *pipeline.Pipeline) []pipeline.Check {
	t.Helper()
	checks, err := o.Doctor(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return checks
}

func TestDoctorOfAClusterThatHasEverything(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p); err != nil { // It makes the accounts.
		t.Fatal(err)
	}
	before := len(c.Pods("a"))
	for _, check := range doctored(t, c.Orchestrator(), p) {
		if check.Result != pipeline.CheckOK || check.Remedy != "" {
			t.Errorf("%s: %s: %s (%s)", check.Name, check.Result, check.Message, check.Remedy)
		}
	}
	if after := len(c.Pods("a")); after != before {
		t.Error("the doctor has made a pod")
	}
}

func TestDoctorFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	tests := map[string]struct {
		verb, resource string
		name           string
		want           pipeline.CheckResult
		message        string
	}{
		"a right of submitters":     {"create", "jobs", "rights", pipeline.CheckFail, "you may not create jobs"},
		"the right to read logs":    {"get", "pods", "rights", pipeline.CheckFail, "you may not get pods/log"},
		"the right to make roles":   {"create", "roles", "accounts", pipeline.CheckFail, "you may not create roles"},
		"the right to make pods":    {"create", "pods", "pods", pipeline.CheckWarn, "you may not create pods"},
		"the right to list events":  {"list", "events", "events", pipeline.CheckWarn, "you may not list events"},
		"nothing, before a run yet": {"", "", "accounts", pipeline.CheckOK, "the first run makes them"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := k8sorchtest.New(t, p)
			deny(c.Clientset(), test.verb, test.resource)
			var found pipeline.Check
			for _, check := range doctored(t, c.Orchestrator(), p) {
				if check.Name == test.name {
					found = check
				}
			}
			if found.Result != test.want || !strings.Contains(found.Message, test.message) {
				t.Errorf("%s: %s: %s, want %s: %s", test.name, found.Result, found.Message, test.want, test.message)
			}
		})
	}
}

func TestDoctorWithoutACluster(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	checks := doctored(t, pipeline.NewOrchestrator(pipeline.Config{}), p)
	want := map[string]pipeline.CheckResult{"pipeline": pipeline.CheckOK, "cluster": pipeline.CheckFail}
	if diff := cmp.Diff(want, results(checks)); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
}
