package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// settingsIn writes a file of settings and returns its path.
func settingsIn(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLoadSettings writes each value of each row as YAML and as JSON, and reads it.
func TestLoadSettings(t *testing.T) {
	t.Parallel()
	for _, row := range settingRows() {
		t.Run(row.field, func(t *testing.T) {
			t.Parallel()
			for i, value := range row.values {
				asJSON, err := json.MarshalIndent(value, "", "\t")
				if err != nil {
					t.Fatal(err)
				}
				asYAML, err := yaml.JSONToYAML(asJSON)
				if err != nil {
					t.Fatal(err)
				}
				// Merging brings additional arguments into the form that reading gives them.
				want := mergeSettings(KubernetesOrchestratorSettings{}, value)
				for _, text := range []string{string(asYAML), string(asJSON)} {
					got, err := LoadSettings(settingsIn(t, text))
					if err != nil {
						t.Fatalf("value %d: %v\n%s", i, err, text)
					}
					if d := cmp.Diff(want, mergeSettings(KubernetesOrchestratorSettings{}, got), sameQuantity()); d != "" {
						t.Errorf("value %d (-want +got):\n%s", i, d)
					}
				}
			}
		})
	}
}

func TestFilesThatSetNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing yet\n", "---\n", "null\n", "{}\n", "pod_settings:\n  # labels:\n", "image: null\n"} {
		s, err := LoadSettings(settingsIn(t, text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if d := cmp.Diff(KubernetesOrchestratorSettings{}, mergeSettings(KubernetesOrchestratorSettings{}, s), cmp.Transformer("set", podsAsSet)); d != "" {
			t.Errorf("%q sets something (-want +got):\n%s", text, d)
		}
	}
}

// podsAsSet takes settings of pods that set nothing for none.
func podsAsSet(s *KubernetesPodSettings) KubernetesPodSettings {
	return orDefault(s, KubernetesPodSettings{})
}

// TestMistakesInFiles has files with one mistake each, the line that must be told, and the text.
func TestMistakesInFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"unknown key", "max_paralelism: 3\n", `1: max_paralelism: KubernetesOrchestratorSettings has no such field; the nearest name is "max_parallelism"`},
		{"Go's name", "MaxParallelism: 3\n", `1: MaxParallelism: KubernetesOrchestratorSettings has no such field; the nearest name is "max_parallelism"`},
		{
			"unknown key of a pod", "image: x\npod_settings:\n  node_selector: {a: b}\n",
			`3: pod_settings.node_selector: KubernetesPodSettings has no such field; the nearest name is "node_selectors"`,
		},
		{
			"unknown key of a list's item", "pod_settings:\n  env:\n  - name: A\n  - nam: B\n",
			`4: pod_settings.env[1].nam: EnvVar has no such field; the nearest name is "name"`,
		},
		{
			"snake case in an object of Kubernetes", "pod_settings:\n  volumes:\n  - name: a\n    persistent_volume_claim: {claimName: c}\n",
			`4: pod_settings.volumes[0].persistent_volume_claim: Volume has no such field; the nearest name is "persistentVolumeClaim"`,
		},
		{
			"unknown key of an additional argument", "pod_settings:\n  additional_pod_spec_args:\n    priority: 1\n    activ_deadline_seconds: 30\n",
			`4: pod_settings.additional_pod_spec_args.activ_deadline_seconds: Invalid value: ` +
				`PodSpec has no such field; the nearest name is "activeDeadlineSeconds"`,
		},
		{
			"mistake in an additional argument", "pod_settings:\n  additional_pod_spec_args:\n    priority: 1\n    restart_policy: Always\n",
			`4: pod_settings.additional_pod_spec_args.restartPolicy: Forbidden: an attempt is one pod, and its restart would be another; it is Never`,
		},
		{"key twice", "image: x\nprivileged: true\nimage: x\n", `3: image: it is in line 1 already; leave one of them out`},
		{
			"key twice, in JSON", "{\"pod_settings\": {\"labels\": {\n\t\"a\": \"x\",\n\t\"a\": \"y\"\n}}}",
			`3: pod_settings.labels.a: it is in line 2 already; leave one of them out`,
		},
		{"text for a number", "image: x\nmax_parallelism: many\n", `2: max_parallelism: give a whole number of at most 64 bits`},
		{"fraction for a number", "max_parallelism: 1.5\n", `1: max_parallelism: give a whole number of at most 64 bits`},
		{"text for a fraction", "pod_failure_backoff: twice\n", `1: pod_failure_backoff: give a number`},
		{"number for a truth value", "privileged: 1\n", `1: privileged: give true or false`},
		{"number for text", "pod_settings: {env: [{name: PIN, value: 0815}]}\n", `1: pod_settings.env[0].value: give text, in quotes where it looks like something else`},
		{"number for a label", "pod_settings:\n  labels:\n    env: 1\n", `3: pod_settings.labels[env]: give text, in quotes where it looks like something else`},
		{"text for a list", "fail_on_container_waiting_reasons: ErrImagePull\n", `1: fail_on_container_waiting_reasons: give a list`},
		{"list for a map", "pod_settings:\n  labels: [a]\n", `2: pod_settings.labels: give keys and values`},
		{"number for settings", "pod_settings: 3\n", `1: pod_settings: give keys and values`},
		{"no quantity", "pod_settings:\n  resources:\n    requests: {cpu: much}\n", `3: pod_settings.resources.requests[cpu]: quantities must match the regular expression`},
		{"no settings", "- image: x\n", `1: give keys and values`},
		{"value out of range", "image: x\nmax_parallelism: -1\n", `2: max_parallelism: Invalid value: -1: give a number from 0 to 2147483647`},
		{"value in a pod", "orchestrator_pod_settings:\n  scheduler_name: A\n", `2: orchestrator_pod_settings.scheduler_name: Invalid value: "A": a lowercase RFC 1123`},
		{"missing name", "pod_settings:\n  image_pull_secrets: [a]\n  env:\n  - value: x\n", `4: pod_settings.env[0].name: Invalid value: ""`},
		{"alias", "pod_settings: &p\n  labels: {a: b c}\norchestrator_pod_settings: *p\n", `3: orchestrator_pod_settings.labels: Invalid value: "b c"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := settingsIn(t, test.text)
			_, err := LoadSettings(path)
			if err == nil {
				t.Fatal("got no error")
			}
			if want := "\n\t" + path + ":" + test.want; !strings.Contains(err.Error(), want) {
				t.Errorf("got %v\nwant in it %s", err, want)
			}
		})
	}
}

func TestMistakesInFilesAreToldTogether(t *testing.T) {
	t.Parallel()
	path := settingsIn(t, `max_paralelism: 3
timeout: -1
pod_settings:
  env:
  - nam: A
  labels: {a b: c}
timeout: -2
privileged: maybe
`)
	_, err := LoadSettings(path)
	if err == nil {
		t.Fatal("got no error")
	}
	want := []string{
		"settings file " + path + " has 6 mistakes:",
		path + ":1: max_paralelism: KubernetesOrchestratorSettings",
		path + ":5: pod_settings.env[0].nam: EnvVar has no such field",
		path + ":6: pod_settings.labels",
		path + ":7: timeout: it is in line 2 already",
		path + ":7: timeout: Invalid value: -2",
		path + ":8: privileged: give true or false",
	}
	got := strings.Split(err.Error(), "\n\t")
	if len(got) != len(want) {
		t.Fatalf("got %v", err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("line %d: got %q, want it to begin with %q", i, got[i], want[i])
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, test := range []struct{ name, path, want string }{
		{"missing", filepath.Join(dir, "none.yaml"), "no such file"},
		{"a directory", dir, "directory"},
		{"two documents", settingsIn(t, "image: x\n---\nimage: y\n"), "second document"},
		{"no YAML", settingsIn(t, "image: x\n\tprivileged: true\n"), "line 2"},
		{"broken behind the first document", settingsIn(t, "image: x\n---\n\t{"), "line 3"},
		{"endless", settingsIn(t, "pod_settings: &p {labels: *p}\n"), "contains itself"},
		{"no number", settingsIn(t, "pod_failure_backoff: .inf\n"), "unsupported value"},
	} {
		_, err := LoadSettings(test.path)
		if err == nil || !strings.Contains(err.Error(), test.path) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want the path and %q", test.name, err, test.want)
		}
	}
}

func TestMistakesInFilesNeverRepeatSecrets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"pod_settings: {env: [{name: A, value: 271828}]}",
		"pod_settings: {env: [{name: A, value: [271828]}]}",
		"pod_settings: {env: [{name: A, valeu: 271828}]}",
		"pod_settings: {env: [{name: A, value: '271828', value: '271828'}]}",
	} {
		if _, err := LoadSettings(settingsIn(t, text)); err == nil || strings.Contains(err.Error(), "271828") {
			t.Errorf("%s: got %v, want an error without the value", text, err)
		}
	}
}

// FuzzLoadSettings reads anything. What is read must have no mistakes, and come out the same once more.
func FuzzLoadSettings(f *testing.F) {
	for _, row := range settingRows() {
		text, err := yaml.Marshal(row.values[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{"", "a: &x [*x]", "pod_settings: &p {labels: {<<: {a: b}}}\norchestrator_pod_settings: *p", "x", "{\"image\": 1}", "image: x\n---\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseSettings("settings.yaml", text)
		if err != nil {
			if !strings.Contains(err.Error(), "settings.yaml") {
				t.Errorf("%q does not name the file", err)
			}
			return
		}
		if problems := s.problems(pipelineScope); problems != nil {
			t.Errorf("it has mistakes that were not told: %q", problems)
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		same, err := parseSettings("settings.yaml", again)
		if err != nil {
			t.Fatalf("its JSON cannot be read: %v\n%s", err, again)
		}
		if d := cmp.Diff(s, same, sameQuantity()); d != "" {
			t.Errorf("its JSON is something else (-want +got):\n%s", d)
		}
	})
}
