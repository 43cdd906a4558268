package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// twoContexts is a kubeconfig whose clusters are not there.
const twoContexts = `apiVersion: v1
kind: Config
current-context: dev
clusters:
- {name: far, cluster: {server: "https://far.invalid:6443"}}
- {name: near, cluster: {server: "https://127.0.0.1:1"}}
contexts:
- {name: dev, context: {cluster: near, user: u}}
- {name: prod, context: {cluster: far, user: u}}
users:
- {name: u}
`

func writeConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(twoContexts), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// submitTo tries to submit to a cluster and returns the notices on the way, and the error.
func submitTo(t *testing.T, config pipeline.Config, opts ...pipeline.Option) (notices []string, err error) {
	t.Helper()
	if config.Settings.Image == nil && config.Registry == "" {
		config.Registry = "registry.example.com/me"
	}
	events := pipeline.WithEvents(func(e pipeline.Event) {
		if e.Kind == pipeline.Notice {
			notices = append(notices, e.Message)
		}
	})
	o := pipeline.NewOrchestrator(config, append(opts, events)...)
	_, err = o.Submit(t.Context(), pipeline.New("p").Step(pipeline.Func0("a", number)))
	if err == nil {
		t.Fatal("the run was submitted to a cluster that is not there")
	}
	return notices, err
}

func TestContextThatIsNotTheActiveOneIsTold(t *testing.T) {
	t.Parallel()
	file := writeConfig(t)
	for context, want := range map[string]string{"prod": `using context "prod", not the active context "dev"`, "dev": ""} {
		notices, _ := submitTo(t, pipeline.Config{Kubeconfig: file, Context: context})
		if got := strings.Join(notices, "\n"); got != want {
			t.Errorf("context %s: notices %q, want %q", context, got, want)
		}
	}
}

// reached is what the error says where nothing was refused before the cluster was called.
const reached = "connecting by "

func TestLocalValidations(t *testing.T) {
	t.Parallel()
	file := writeConfig(t)
	with := func(context string, change func(*pipeline.Config)) pipeline.Config {
		c := pipeline.Config{Kubeconfig: file, Context: context}
		change(&c)
		return c
	}
	local := func(c *pipeline.Config) { c.Local = true }
	loopback := func(c *pipeline.Config) { c.Registry = "localhost:5000/me" }
	loopbackImage := func(c *pipeline.Config) { c.Settings.Image = new("127.0.0.1:5000/p:1") }
	directory := func(c *pipeline.Config) { c.Artifacts = "file:///srv/artifacts" }
	both := func(c *pipeline.Config) { local(c); directory(c) }
	tests := []struct {
		name   string
		config pipeline.Config
		want   []string
	}{
		{"local, and remote", with("prod", local), []string{`the cluster of context "prod" is not on this machine`, "https://far.invalid:6443", "--local", "--skip-local-validations"}},
		{"local, and local", with("dev", local), nil},
		{"loopback registry, remote", with("prod", loopback), []string{"registry localhost:5000/me", "loopback", "name a registry", "--skip-local-validations"}},
		{"loopback image, remote", with("prod", loopbackImage), []string{"image 127.0.0.1:5000/p:1", "loopback"}},
		{"loopback registry, local", with("dev", loopback), nil},
		{"directory", with("dev", directory), []string{"file:///srv/artifacts", "pods cannot see", "--local", "--skip-local-validations"}},
		{"directory, remote", with("prod", directory), []string{"pods cannot see"}},
		{"directory, local", with("dev", both), nil},
		{"directory, local, and remote", with("prod", both), []string{"is not on this machine"}},
		{"a directory of the library", with("dev", func(c *pipeline.Config) { local(c); c.Artifacts = "file:///var/run/k8sorch/a" }), []string{"the library's directories"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := submitTo(t, test.config)
			if test.want == nil && !strings.Contains(err.Error(), reached) {
				t.Errorf("error %v, want only that the cluster is not there", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v does not say %q", err, want)
				}
			}
			test.config.SkipLocalValidations = true
			if _, err := submitTo(t, test.config); !strings.Contains(err.Error(), reached) && test.name != "a directory of the library" {
				t.Errorf("skipped: error %v, want only that the cluster is not there", err)
			}
		})
	}
}

func TestRESTConfigOfARemoteClusterIsValidated(t *testing.T) {
	t.Parallel()
	_, err := submitTo(t, pipeline.Config{Local: true}, pipeline.WithRESTConfig(&rest.Config{Host: "https://far.invalid"}))
	if !strings.Contains(err.Error(), "the cluster of the given REST config is not on this machine") {
		t.Errorf("error %v", err)
	}
}

func TestLoopbackRegistryWithAGivenClientIsNotJudged(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Settings: pipeline.KubernetesOrchestratorSettings{Image: new("localhost:5000/p:1")},
	}, pipeline.WithClientset(c.Clientset()))
	if _, err := o.Run(c.Context(t.Context()), p); err != nil {
		t.Error(err)
	}
}

func TestLocalDirectoryIsMountedIntoSteps(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	var told string
	dir := t.TempDir()
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Local: true, Artifacts: "file://" + dir,
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}, pipeline.WithClientset(c.Clientset()), pipeline.WithEvents(func(e pipeline.Event) {
		if e.Kind == pipeline.Notice {
			told += e.Message + "\n"
		}
	}))
	if _, err := o.Run(c.Context(t.Context()), p); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, "directory "+dir+" of the node, a hostPath") {
		t.Errorf("notices %q, want one that tells of the hostPath", told)
	}
	for _, v := range c.Pods("a")[0].Spec.Volumes {
		if v.HostPath != nil && v.HostPath.Path == dir {
			return
		}
	}
	t.Errorf("volumes %v, want the directory", c.Pods("a")[0].Spec.Volumes)
}

func TestCreateNamespace(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	for _, create := range []bool{true, false} {
		c := k8sorchtest.New(t, p)
		o := pipeline.NewOrchestrator(pipeline.Config{
			Namespace: k8sorchtest.Namespace, Args: []string{}, CreateNamespace: create,
			Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
		}, pipeline.WithClientset(c.Clientset()))
		if _, err := o.Run(c.Context(t.Context()), p); err != nil {
			t.Fatal(err)
		}
		ns, err := c.Clientset().CoreV1().Namespaces().Get(t.Context(), k8sorchtest.Namespace, metav1.GetOptions{})
		if made := err == nil && isOurs(ns); made != create {
			t.Errorf("to be made: %t; namespace %v, %v", create, ns, err)
		}
	}
}

func isOurs(ns *corev1.Namespace) bool { return ns.Labels["app.kubernetes.io/managed-by"] == "k8sorch" }

// TestNamespaceIsMadeLast shows that nothing is made for a run that is refused.
func TestNamespaceIsMadeLast(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	o := pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, CreateNamespace: true, Artifacts: "file:///srv", Settings: pipeline.KubernetesOrchestratorSettings{Image: new("x")},
	}, pipeline.WithClientset(c.Clientset()))
	if _, err := o.Run(c.Context(t.Context()), p); err == nil || errors.Is(err, pipeline.ErrInterrupted) {
		t.Fatalf("error %v, want a refusal", err)
	}
	if all, err := c.Clientset().CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{}); err != nil || len(all.Items) > 0 {
		t.Errorf("namespaces %v, %v, want none", all, err)
	}
}
