package e2e

import (
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

const (
	// specifiedFile has the settings that the specification of the original system gives as its example.
	specifiedFile = "../testdata/podspec/specification.yaml"
	// everythingFile has every setting.
	everythingFile = "testdata/everything.yaml"
)

// TestSettingsAreAccepted has the API server judge what runs with many settings would give it, and more strictly than
// kubectl has it.
func TestSettingsAreAccepted(t *testing.T) {
	t.Parallel()
	for _, file := range []string{specifiedFile, everythingFile} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			e := newEnvEnforcing(t, "privileged")
			text, settings := readSettings(t, file)
			for _, account := range []*string{settings.ServiceAccountName, settings.StepPodServiceAccountName} {
				if account != nil {
					e.makeAccount(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: *account}})
				}
			}
			c := e.start(t, command{program: built(t, buildLook), env: []string{given.SettingsVariable + "=" + text}, args: []string{"render"}})
			c.wantExit(t, cli.ExitSucceeded)
			_, kinds := e.rehearse(t, readObjects(t, c.stdout.String()))
			if kinds["Job"] != 1 || kinds["Pod"] != 2 {
				t.Errorf("there are %d Jobs and %d pods, want one and one for each step", kinds["Job"], kinds["Pod"])
			}
		})
	}
}

// TestEverySettingIsTried finds settings that have come since [everythingFile] was written.
func TestEverySettingIsTried(t *testing.T) {
	t.Parallel()
	_, settings := readSettings(t, everythingFile)
	missing := slices.Concat(unset(settings), unset(*settings.PodSettings), unset(*settings.OrchestratorPodSettings))
	if diff := cmp.Diff([]string{"BaseImage"}, missing); diff != "" {
		t.Errorf("settings that are not in %s (-want +got):\n%s", everythingFile, diff)
	}
}

func readSettings(t *testing.T, file string) (text string, settings pipeline.KubernetesOrchestratorSettings) {
	t.Helper()
	text = read(t, file)
	if err := yaml.UnmarshalStrict([]byte(text), &settings); err != nil {
		t.Fatal(err)
	}
	return text, settings
}

// unset names the fields of a struct that are not set.
func unset[T any](settings T) []string {
	var names []string
	value := reflect.ValueOf(settings)
	for _, field := range reflect.VisibleFields(value.Type()) {
		if value.FieldByIndex(field.Index).IsZero() {
			names = append(names, field.Name)
		}
	}
	return names
}

var buildStrict = sync.OnceValues(func() (string, error) { return build(".", "./testdata/strict") })

// TestStrictAPIServer has every request of a whole run, of its client, its orchestrator and its steps, ask the API server
// to refuse what it would else drop. One step fails once, so that every kind of record is made.
func TestStrictAPIServer(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildStrict), env: []string{kubeconfigVariable + "=" + s.kubeconfig}})
	c.wantExit(t, cli.ExitSucceeded)
	if d := s.closed(t, "first", 1); d.Reason != "Error" {
		t.Errorf("the first attempt ended for the reason %s, want its own error", d.Reason)
	}
	if os.Getenv(stateVariable) == "" {
		return
	}
	asked := map[string]int{}
	for _, event := range s.audit(t) {
		if event.writes() && !event.isStrict() {
			t.Errorf("a request to %s was not strict: %s", event.Verb, event.RequestURI)
		} else if event.writes() {
			asked[event.Verb+" "+event.Object.Resource]++
		}
	}
	for _, request := range []string{"create pods", "create configmaps"} {
		if asked[request] == 0 {
			t.Errorf("there was no request to %s", request)
		}
	}
}
