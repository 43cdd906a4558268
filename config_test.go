package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// configTests names for each field of Config the test that shows what it does.
func configTests() map[string]string {
	return map[string]string{
		"InCluster":            "TestInClusterNamesThePodsCluster",
		"CreateNamespace":      "TestCreateNamespace",
		"Local":                "TestLocalDirectoryIsMountedIntoSteps",
		"SkipLocalValidations": "TestLocalValidations",
		"BindEditRole":         "TestBindEditRole",
		"Token":                "TestTokenEndsWithTheRun",
		"PassTokenAsSecret":    "TestTokenInThePodsThemselves",
		"Kubeconfig":           "TestConfigShowsInWhatIsRendered",
		"Context":              "TestConfigShowsInWhatIsRendered",
		"Namespace":            "TestConfigShowsInWhatIsRendered",
		"Registry":             "TestConfigShowsInWhatIsRendered",
		"Platform":             "TestConfigShowsInWhatIsRendered",
		"Artifacts":            "TestConfigShowsInWhatIsRendered",
		"Args":                 "TestConfigShowsInWhatIsRendered",
		"Dir":                  "TestRunsAreKeptInTheirDirectory",
		"Settings":             "TestConfigShowsInWhatIsRendered",
	}
}

func TestEachConfigFieldHasATest(t *testing.T) {
	t.Parallel()
	tests := configTests()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		name, ok := tests[f.Name]
		if !ok {
			t.Errorf("nothing shows what Config.%[1]s does: write a test, and add %[1]q with its name to configTests", f.Name)
			continue
		}
		checkTestExists(t, name)
		delete(tests, f.Name)
	}
	for name := range tests {
		t.Errorf("configTests has %q, but Config has no such field: delete it", name)
	}
}

const twoContexts = `{apiVersion: v1, kind: Config, current-context: staging,
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}], users: [{name: u}],
contexts: [
  {name: staging, context: {cluster: a, user: u, namespace: of-staging}},
  {name: live, context: {cluster: a, user: u, namespace: of-live}}]}`

// TestConfigShowsInWhatIsRendered changes one field at a time: each brings something in that was not there before.
func TestConfigShowsInWhatIsRendered(t *testing.T) {
	t.Parallel()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, []byte(twoContexts), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		field, want string
		change      func(*Config)
	}{
		{"Kubeconfig", "namespace: of-staging\n", func(c *Config) { c.Kubeconfig = kubeconfig }},
		{"Context", "namespace: of-live\n", func(c *Config) { c.Kubeconfig, c.Context = kubeconfig, "live" }},
		{"Namespace", "namespace: ml\n", func(c *Config) { c.Namespace = "ml" }},
		{"Registry", "image: other.example/train\n", func(c *Config) { c.Registry = "other.example" }},
		{"Platform", "kubernetes.io/arch: s390x\n", func(c *Config) { c.Platform = "linux/s390x" }},
		{"Artifacts", "claimName: artifacts\n", func(c *Config) { c.Artifacts = "pvc://artifacts/train" }},
		{"Args", "- serve\n", func(c *Config) { c.Args = []string{"serve"} }},
		{"Settings", "privileged: true\n", func(c *Config) { c.Settings.Privileged = new(true) }},
	} {
		t.Run(test.field, func(t *testing.T) {
			t.Parallel()
			config := Config{Registry: "registry.example", Platform: "linux/amd64", Args: []string{}}
			if strings.Contains(rendered(t, config), test.want) {
				t.Fatalf("%q is there without the field", test.want)
			}
			test.change(&config)
			if got := rendered(t, config); !strings.Contains(got, test.want) {
				t.Errorf("%q is not in\n%s", test.want, got)
			}
		})
	}
}

// rendered returns the objects of a run of one step.
func rendered(t *testing.T, config Config) string {
	t.Helper()
	objects, err := NewOrchestrator(config).Render(t.Context(), oneStep())
	if err != nil {
		t.Fatal(err)
	}
	return string(objects)
}

func oneStep() *Pipeline {
	return New("train").Step(Func0("load", func(context.Context) (int, error) { return 0, nil }))
}

// TestInClusterNamesThePodsCluster changes the environment to that outside of a pod.
func TestInClusterNamesThePodsCluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	config := Config{InCluster: true, Registry: "registry.example"}
	_, err := NewOrchestrator(config).Render(t.Context(), oneStep())
	if want := "using this pod's account"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestRunsAreKeptInTheirDirectory(t *testing.T) {
	t.Parallel()
	d, err := oneStep().freeze()
	if err != nil {
		t.Fatal(err)
	}
	base := t.TempDir()
	dir, err := NewOrchestrator(Config{Dir: base}).newSubmission(d, &runOptions{}).makeRunDir()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || filepath.Dir(dir) != base {
		t.Errorf("the run is in %s, want a directory in %s: %v", dir, base, err)
	}
}
