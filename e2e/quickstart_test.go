package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/cli"
)

// quickstartSteps are the steps of examples/quickstart.
func quickstartSteps() []string {
	return []string{
		"evaluate-bayes", "evaluate-knn", "evaluate-softmax", "load", "report", "split", "train-bayes", "train-knn", "train-softmax",
	}
}

func TestQuickstart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	before := whats(s.inventory(t))
	c := s.start(t, command{program: built(t, buildQuickstart)})
	c.wantExit(t, cli.ExitSucceeded)
	wantReport(t, c)
	s.wantOnePodPerStep(t)
	s.wantLabels(t, s.job(t).Name)
	s.wantOwners(t, s.job(t).UID, before)
}

// wantReport compares what the quickstart left with what it leaves on a laptop.
func wantReport(t *testing.T, c *client) {
	t.Helper()
	report := golden(t, "report.txt") + "\nThe plot is in penguins.svg.\n"
	if diff := cmp.Diff(report, c.stdout.String()); diff != "" {
		t.Errorf("standard output (-want +got):\n%s", diff)
	}
	plot, err := os.ReadFile(filepath.Join(c.dir, "penguins.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(golden(t, "penguins.svg"), string(plot)); diff != "" {
		t.Errorf("penguins.svg (-want +got):\n%s", diff)
	}
}

// golden returns one of the files that the quickstart's own tests compare with.
func golden(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join("..", "examples", "quickstart", "testdata", name))
}

// wantOnePodPerStep fails the test unless each of the quickstart's steps has had one pod and has succeeded there, once.
func (s *scene) wantOnePodPerStep(t *testing.T) {
	t.Helper()
	s.wantOnePodEach(t, quickstartSteps())
}

// wantOnePodEach fails the test unless these steps, and no others, have had one pod each and have succeeded there, once.
func (s *scene) wantOnePodEach(t *testing.T, steps []string) {
	t.Helper()
	s.catchUp(t)
	want := map[string][]types.UID{}
	for step, pods := range s.attempts() {
		want[step] = pods[:1]
	}
	if diff := cmp.Diff(steps, sortedKeys(want)); diff != "" {
		t.Errorf("steps with pods (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, s.attempts()); diff != "" {
		t.Errorf("pods of each step (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, s.results(t)); diff != "" {
		t.Errorf("pods in which each step has succeeded (-want +got):\n%s", diff)
	}
	if failed := s.records.last(isRecord("attempt")); len(failed) > 0 {
		t.Errorf("there are records of %d attempts that did not succeed, the first is %s", len(failed), failed[0].Name)
	}
}

// wantLabels fails the test unless users find the run's objects by their labels.
func (s *scene) wantLabels(t *testing.T, run string) {
	t.Helper()
	pods, err := s.client.CoreV1().Pods(s.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: labelPipeline + "=quickstart"})
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, pod := range pods.Items {
		steps = append(steps, pod.Labels[labelStep])
	}
	slices.Sort(steps)
	// The orchestrator is the pod of no step.
	if diff := cmp.Diff(append([]string{""}, quickstartSteps()...), steps); diff != "" {
		t.Errorf("steps of the pods with the label pipeline=quickstart (-want +got):\n%s", diff)
	}
	for _, o := range s.inventory(t) {
		labels := o.GetLabels()
		switch {
		case labels[labelManagedBy] != "k8sorch":
			t.Errorf("%s is not labelled %s=k8sorch", what(o), labelManagedBy)
		case slices.Contains(accounts(), what(o)):
		case labels[labelRun] != run, labels[labelPipeline] != "quickstart":
			t.Errorf("%s has the labels %v, want %s=%s and %s=quickstart", what(o), labels, labelRun, run, labelPipeline)
		}
	}
}

// wantOwners fails the test unless everything that the run has made goes with its Job, and its records are immutable.
func (s *scene) wantOwners(t *testing.T, job types.UID, before []string) {
	t.Helper()
	shared := slices.Concat(before, accounts())
	for _, o := range s.inventory(t) {
		if slices.Contains(shared, what(o)) || o.GetUID() == job {
			continue
		}
		if !slices.ContainsFunc(o.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == job }) {
			t.Errorf("%s has the owners %v, and not the run's Job", what(o), o.GetOwnerReferences())
		}
		if immutable, _, _ := unstructured.NestedBool(o.Object, "immutable"); o.GetKind() == "ConfigMap" && !immutable {
			t.Errorf("%s can be changed", what(o))
		}
	}
	if records := s.records.last(func(cm *corev1.ConfigMap) bool { return cm.Labels[labelRecord] != "" }); len(records) != len(quickstartSteps())+1 {
		t.Errorf("there are %d records, want one for each step and the plan", len(records))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
