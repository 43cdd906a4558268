package kube

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"

	"github.com/org/k8sorch/internal/reexec"
)

const kubeconfigText = `apiVersion: v1
kind: Config
current-context: staging
clusters:
- name: a
  cluster: {server: "https://a.example"}
- name: b
  cluster: {server: "https://b.example"}
users:
- name: u
  user: {token: t}
contexts:
- name: staging
  context: {cluster: a, user: u, namespace: team}
- name: prod
  context: {cluster: b, user: u}
`

func writeKubeconfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func noPod() (access, error) { return access{}, rest.ErrNotInCluster }

func TestTargetIsOnlyNamedOnPurpose(t *testing.T) {
	t.Setenv("KUBECONFIG", writeKubeconfig(t, kubeconfigText))
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	if (Target{Namespace: "x", Role: reexec.Client}).Named() {
		t.Error("an environment that happens to be there names a cluster")
	}
	if _, err := Connect(Target{}); !errors.Is(err, errNoTarget) {
		t.Errorf("Connect: error %v, want %v", err, errNoTarget)
	}
}

func TestConnectOrder(t *testing.T) {
	t.Parallel()
	config := writeKubeconfig(t, kubeconfigText)
	given := &rest.Config{Host: "https://given.example"}
	pod := func() (access, error) {
		return access{config: &rest.Config{Host: "https://pod.example"}, namespace: "podns", source: "pod"}, nil
	}
	tests := []struct {
		name            string
		target          Target
		pod             func() (access, error)
		host, namespace string
	}{
		{"the pod first", Target{InCluster: true, RESTConfig: given, Kubeconfig: config}, pod, "pod.example", "podns"},
		{"then the given config", Target{InCluster: true, RESTConfig: given, Kubeconfig: config}, noPod, "given.example", "default"},
		{"then the kubeconfig", Target{InCluster: true, Kubeconfig: config}, noPod, "a.example", "team"},
		{"the pod only when asked", Target{RESTConfig: given}, pod, "given.example", "default"},
		{"a named context", Target{Kubeconfig: config, Context: "prod"}, noPod, "b.example", "default"},
		{"a namespace that is named", Target{Kubeconfig: config, Namespace: "mine"}, noPod, "a.example", "mine"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := connect(test.target, test.pod)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Client.CoreV1().RESTClient().Get().URL().Host; got != test.host {
				t.Errorf("host %s, want %s", got, test.host)
			}
			if c.Namespace != test.namespace {
				t.Errorf("namespace %s, want %s", c.Namespace, test.namespace)
			}
		})
	}
}

func TestConnectByTheAccountThatVariablesBring(t *testing.T) {
	target := Target{InCluster: true, AccountToken: canary, CA: "certificates", Namespace: "team"}
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := target.access(noPod); !errors.Is(err, rest.ErrNotInCluster) {
		t.Errorf("outside a pod: error %v, want %v", err, rest.ErrNotInCluster)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	found, err := target.access(noPod)
	if err != nil {
		t.Fatal(err)
	}
	want := rest.Config{
		Host: "https://[fd00::1]:443", BearerToken: canary, DisableCompression: true,
		TLSClientConfig: rest.TLSClientConfig{CAData: []byte("certificates")},
	}
	if diff := cmp.Diff(want, *found.config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

// TestPodsUnpackNothing has a client in the cluster and one outside, to which the way may be long.
func TestPodsUnpackNothing(t *testing.T) {
	t.Parallel()
	target := Target{InCluster: true, Kubeconfig: writeKubeconfig(t, kubeconfigText)}
	pod := func() (access, error) { return access{config: &rest.Config{}}, nil }
	for want, where := range map[bool]func() (access, error){true: pod, false: noPod} {
		found, err := target.access(where)
		if err != nil {
			t.Fatal(err)
		}
		if got := found.config.DisableCompression; got != want {
			t.Errorf("compression disabled: %t, want %t", got, want)
		}
	}
}

func TestConnectContextOfTheUsersOwnKubeconfig(t *testing.T) {
	t.Setenv("KUBECONFIG", writeKubeconfig(t, kubeconfigText))
	c, err := connect(Target{Context: "prod"}, noPod)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Source, `context "prod"`; got != want {
		t.Errorf("source %s, want %s", got, want)
	}
}

func TestConnectSaysThatTheContextIsNotTheActiveOne(t *testing.T) {
	t.Parallel()
	config := writeKubeconfig(t, kubeconfigText)
	inactive := writeKubeconfig(t, strings.Replace(kubeconfigText, "current-context: staging", "", 1))
	for _, test := range []struct {
		target Target
		want   string
	}{
		{Target{Kubeconfig: config, Context: "prod"}, `using context "prod", not the active context "staging"`},
		{Target{Kubeconfig: config, Context: "staging"}, ""},
		{Target{Kubeconfig: config}, ""},
		{Target{Kubeconfig: inactive, Context: "prod"}, ""},
	} {
		c, err := connect(test.target, noPod)
		if err != nil {
			t.Fatal(err)
		}
		if c.Notice != test.want {
			t.Errorf("%+v: notice %q, want %q", test.target, c.Notice, test.want)
		}
	}
}

func TestConnectTellsRemoteClusters(t *testing.T) {
	t.Parallel()
	config := writeKubeconfig(t, kubeconfigText)
	far := &rest.Config{Host: "https://k8s.example.com"}
	// A pod's configuration is made for the one who asks, who may change it.
	pod := func() (access, error) { return access{config: rest.CopyConfig(far), inPod: true}, nil }
	for name, test := range map[string]struct {
		target Target
		server string
		remote bool
	}{
		"a context":       {Target{Kubeconfig: config}, "https://a.example", true},
		"a REST config":   {Target{RESTConfig: far}, "https://k8s.example.com", true},
		"a local one":     {Target{RESTConfig: &rest.Config{Host: "127.0.0.1:8080"}}, "http://127.0.0.1:8080", false},
		"a given client":  {Target{Clientset: fake.NewClientset()}, "", false},
		"the pod's own":   {Target{InCluster: true}, "https://k8s.example.com", false},
		"outside the pod": {Target{InCluster: true, Kubeconfig: config}, "https://a.example", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			access := pod
			if name == "outside the pod" {
				access = noPod
			}
			c, err := connect(test.target, access)
			if err != nil {
				t.Fatal(err)
			}
			if c.Server != test.server || c.Remote != test.remote {
				t.Errorf("server %q, remote %t; want %q, %t", c.Server, c.Remote, test.server, test.remote)
			}
		})
	}
}

func TestConnectMistakes(t *testing.T) {
	t.Parallel()
	config := writeKubeconfig(t, kubeconfigText)
	tests := []struct {
		name   string
		target Target
		want   []string
	}{
		{"unknown context", Target{Kubeconfig: config, Context: "dev"}, []string{`no context "dev"`, "prod, staging", config}},
		{"no current context", Target{Kubeconfig: writeKubeconfig(t, strings.Replace(kubeconfigText, "current-context: staging", "", 1))}, []string{"no context is named", "prod, staging"}},
		{"empty kubeconfig", Target{Kubeconfig: writeKubeconfig(t, ""), Context: "x"}, []string{"no contexts"}},
		{"missing file", Target{Kubeconfig: filepath.Join(t.TempDir(), "none")}, []string{"reading kubeconfig", "none"}},
		{"not in a pod", Target{InCluster: true}, []string{"this pod's account", "in-cluster"}},
		{"neither pod nor context", Target{InCluster: true, Kubeconfig: config, Context: "dev"}, []string{"this pod's account", "prod, staging"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := connect(test.target, noPod)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

// api serves one handler as an API server and returns the connection to it.
func api(t *testing.T, config rest.Config, handler http.HandlerFunc) *Connection {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config.Host = server.URL
	c, err := Connect(Target{RESTConfig: &config, Namespace: "team"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	io.WriteString(w, body)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		code int
		body string
		want string
	}{
		{"there", 200, `{"kind":"Namespace","apiVersion":"v1","status":{"phase":"Active"}}`, ""},
		{"not to be seen", 403, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`, ""},
		{"missing", 404, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`, "kubectl create namespace team"},
		{"missing, and told how to have it made", 404, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`, "Config.CreateNamespace (flag --create-namespace)"},
		{"on its way out", 200, `{"kind":"Namespace","apiVersion":"v1","status":{"phase":"Terminating"}}`, "is being deleted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := api(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/version" {
					answer(w, 200, `{"gitVersion":"v1.37.2","platform":"linux/arm64"}`)
					return
				}
				answer(w, test.code, test.body)
			})
			server, err := c.Check(t.Context())
			if want := (Server{Version: "v1.37.2", Platform: "linux/arm64"}); server != want {
				t.Errorf("server %+v, want %+v", server, want)
			}
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v does not say %q", err, test.want)
			}
		})
	}
}

func TestCheckOfAServerOutOfReach(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	c, err := Connect(Target{RESTConfig: &rest.Config{Host: server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), server.URL) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("error %v does not name the address and the cause", err)
	}
}

func TestCheckOfAServerWithoutTrust(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c, err := Connect(Target{RESTConfig: &rest.Config{Host: server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be trusted") {
		t.Errorf("error %v does not say that the certificate is not trusted", err)
	}
}

func TestCheckOfAGivenClient(t *testing.T) {
	t.Parallel()
	c, err := Connect(Target{Clientset: fake.NewClientset()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(t.Context()); err != nil {
		t.Errorf("Check: %v, want no error though a fake has no namespaces", err)
	}
}

func TestCallsAreBoundedAndStreamsAreNot(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	c := api(t, rest.Config{Timeout: 10 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		if !streams(r) {
			<-r.Context().Done()
			return
		}
		http.NewResponseController(w).Flush()
		<-released
		io.WriteString(w, "a line")
	})
	stream, err := c.Client.CoreV1().Pods("team").GetLogs("p", &corev1.PodLogOptions{Follow: true}).Stream(t.Context())
	if err != nil {
		t.Fatalf("GetLogs: %v", err)
	}
	defer stream.Close()

	_, err = c.Client.CoreV1().Pods("team").Get(t.Context(), "p", metav1.GetOptions{})
	if !errors.Is(err, context.DeadlineExceeded) || !Retryable(err) {
		t.Errorf("Get: error %v, want one of a time limit that may be repeated", err)
	}
	close(released)
	if got, err := io.ReadAll(stream); err != nil || string(got) != "a line" {
		t.Errorf("the stream, older than the limit, has %q, %v", got, err)
	}
}

func TestTuneKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	given := &rest.Config{QPS: 7, UserAgent: "mine", Timeout: time.Second}
	got := tune(given, "k8sorch/client", nil, nil)
	if got.QPS != 7 || got.UserAgent != "mine" {
		t.Errorf("QPS %v and user agent %q were given and are changed", got.QPS, got.UserAgent)
	}
	if got.Timeout != 0 || given.Timeout != time.Second {
		t.Errorf("timeout %v, want it moved to the calls that do not stream, and the given config left alone", got.Timeout)
	}
	if got := tune(&rest.Config{}, agent(reexec.Orchestrator), nil, nil); got.QPS != -1 || got.UserAgent != "k8sorch/orchestrator" {
		t.Errorf("QPS %v, user agent %q: want no limit of the client's own, and the role's name", got.QPS, got.UserAgent)
	}
	if got := tune(&rest.Config{}, "", nil, nil); got.ContentType != runtime.ContentTypeProtobuf || !strings.HasPrefix(got.AcceptContentTypes, got.ContentType) {
		t.Errorf("it sends %q and takes %q, want protobuf, and that first", got.ContentType, got.AcceptContentTypes)
	}
}

func TestWarningsReachTheCaller(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Warning", `299 - "would violate PodSecurity"`)
		answer(w, 200, `{"kind":"Pod","apiVersion":"v1"}`)
	}))
	defer server.Close()
	c, err := Connect(Target{RESTConfig: &rest.Config{Host: server.URL}, Warn: func(w string) { got = append(got, w) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Client.CoreV1().Pods("team").Get(t.Context(), "p", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0] != "would violate PodSecurity" {
		t.Errorf("warnings %q", got)
	}
}
