package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/k8sorch"
)

// settingsFiles writes files of settings into a directory and returns it.
func settingsFiles(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSettingsFromFiles renders the settings that a command line gives, over an image and a label of the configuration.
func TestSettingsFromFiles(t *testing.T) {
	t.Parallel()
	dir := settingsFiles(t, map[string]string{
		"one.yaml":   "image: files/one\npod_settings: {labels: {team: one, one: x}}\n",
		"two.json":   `{"image": "files/two", "pod_settings": {"labels": {"team": "two"}}}`,
		"empty.yaml": "",
	})
	config := pipeline.Config{Settings: pipeline.KubernetesOrchestratorSettings{
		Image: new("code/image"), PodSettings: &pipeline.KubernetesPodSettings{Labels: map[string]string{"team": "code"}},
	}}
	for _, test := range []struct {
		args  string
		there []string
		gone  string
	}{
		{"", []string{"image: code/image", "team: code"}, "files/"},
		{"--settings empty.yaml", []string{"image: code/image", "team: code"}, "files/"},
		{"--settings one.yaml", []string{"image: files/one", "team: one", "one: x"}, "code"},
		{"--settings one.yaml --settings two.json", []string{"image: files/two", "team: two", "one: x"}, "files/one"},
		{"--settings two.json --settings one.yaml", []string{"image: files/one", "team: one", "one: x"}, "files/two"},
		{"--settings one.yaml --image the/flags", []string{"image: the/flags", "team: one"}, "files/one"},
		{"--image the/flags --settings one.yaml", []string{"image: the/flags", "team: one"}, "files/one"},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			s := newStand(&player{}, WithConfig(config))
			s.connect = func(config pipeline.Config, _ func(pipeline.Event)) runner {
				return orchestrator{s.orchestrator(config)}
			}
			args := []string{"render"}
			for arg := range strings.FieldsSeq(test.args) {
				if filepath.Ext(arg) != "" {
					arg = filepath.Join(dir, arg)
				}
				args = append(args, arg)
			}
			if code := s.call(args...); code != ExitSucceeded {
				t.Fatalf("exit code %d; stderr:\n%s", code, &s.err)
			}
			for _, want := range test.there {
				if !strings.Contains(s.out.String(), want+"\n") {
					t.Errorf("%q is not in\n%s", want, &s.out)
				}
			}
			if strings.Contains(s.out.String(), test.gone) {
				t.Errorf("%q is in\n%s", test.gone, &s.out)
			}
		})
	}
}

func TestSettingsFilesWithMistakes(t *testing.T) {
	t.Parallel()
	dir := settingsFiles(t, map[string]string{"bad.yaml": "max_paralelism: 4\npod_settings:\n  node_selector: {a: b}\n"})
	for _, verb := range []string{"run", "render"} {
		for file, wants := range map[string][]string{
			"bad.yaml":  {`bad.yaml:1: max_paralelism: `, `"max_parallelism"`, `bad.yaml:3: pod_settings.node_selector: `, `"node_selectors"`},
			"none.yaml": {"none.yaml: no such file"},
		} {
			t.Run(verb+" "+file, func(t *testing.T) {
				t.Parallel()
				s := newStand(&player{})
				if code := s.call(verb, "--settings", filepath.Join(dir, file)); code != ExitUsage {
					t.Errorf("exit code %d, want %d", code, ExitUsage)
				}
				for _, want := range wants {
					if !strings.Contains(s.err.String(), want) {
						t.Errorf("stderr:\n%s\nwant in it %q", &s.err, want)
					}
				}
			})
		}
	}
}

func TestSettingsFilesAreCompleted(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"run", "render"} {
		s := newStand(&player{})
		s.call("__completeNoDesc", verb, "--settings", "")
		// The last line is the directive: complete names of files with these extensions.
		if got, want := s.out.String(), "yaml\nyml\njson\n:8\n"; got != want {
			t.Errorf("%s: got %q, want %q", verb, got, want)
		}
	}
}
