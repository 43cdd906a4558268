package kube

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientauthentication "k8s.io/client-go/pkg/apis/clientauthentication/v1"
)

const (
	// pluginVariable makes this test binary an exec plugin. Its value is the file that counts the tokens it has issued.
	pluginVariable = "K8SORCH_TEST_EXEC_PLUGIN"
	// expiredVariable gives the tokens a time of expiry that has passed.
	expiredVariable = "K8SORCH_TEST_EXEC_PLUGIN_EXPIRED"
)

// execPlugin prints a token, token-1 at first, and returns the exit code.
func execPlugin(issued string) int {
	before, _ := os.ReadFile(issued)
	count := len(before) + 1
	if err := os.WriteFile(issued, make([]byte, count), 0o600); err != nil {
		return 1
	}
	credential := clientauthentication.ExecCredential{
		TypeMeta: metav1.TypeMeta{APIVersion: clientauthentication.SchemeGroupVersion.String(), Kind: "ExecCredential"},
		Status:   &clientauthentication.ExecCredentialStatus{Token: fmt.Sprintf("token-%d", count)},
	}
	if os.Getenv(expiredVariable) != "" {
		credential.Status.ExpirationTimestamp = new(metav1.NewTime(time.Now().Add(-time.Minute)))
	}
	if err := json.NewEncoder(os.Stdout).Encode(credential); err != nil {
		return 1
	}
	return 0
}

// pluginServer is an API server that is called by the means of an exec plugin.
type pluginServer struct {
	conn   *Connection
	mu     sync.Mutex
	bearer []string
}

// newPluginServer returns one that refuses some tokens. The plugin's environment has more besides what it needs.
func newPluginServer(t *testing.T, more string, refused ...string) *pluginServer {
	t.Helper()
	s := &pluginServer{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bearer = append(s.bearer, r.Header.Get("Authorization"))
		if slices.Contains(refused, r.Header.Get("Authorization")) {
			answer(w, 401, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}`)
			return
		}
		answer(w, 200, `{"kind":"Pod","apiVersion":"v1"}`)
	}))
	t.Cleanup(server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// client-go sends no credentials by plain http.
	config := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      interactiveMode: Never
      command: %q
      env: [{name: %s, value: %q}%s]
`, server.URL, base64.StdEncoding.EncodeToString(authority), program, pluginVariable, filepath.Join(t.TempDir(), "issued"), more)
	if s.conn, err = connect(Target{Kubeconfig: writeKubeconfig(t, config)}, noPod); err != nil {
		t.Fatal(err)
	}
	return s
}

// call makes a request and returns the tokens of all so far.
func (s *pluginServer) call(t *testing.T) ([]string, error) {
	t.Helper()
	_, err := s.conn.Client.CoreV1().Pods("team").Get(t.Context(), "p", metav1.GetOptions{})
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bearer), err
}

func TestExecPluginGivesTheToken(t *testing.T) {
	t.Parallel()
	s := newPluginServer(t, "")
	for range 2 {
		if _, err := s.call(t); err != nil {
			t.Fatal(err)
		}
	}
	sent, err := s.call(t)
	if err != nil || !slices.Equal(sent, []string{"Bearer token-1", "Bearer token-1", "Bearer token-1"}) {
		t.Errorf("sent %q, %v, want the plugin asked once", sent, err)
	}
}

func TestExecPluginIsAskedAgainWhenItsTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := newPluginServer(t, "", "Bearer token-1")
	if _, err := s.call(t); !apierrors.IsUnauthorized(err) {
		t.Fatalf("error %v, want the refusal", err)
	}
	sent, err := s.call(t)
	if err != nil || !slices.Equal(sent, []string{"Bearer token-1", "Bearer token-2"}) {
		t.Errorf("sent %q, %v, want a new token", sent, err)
	}
}

func TestExecPluginIsAskedAgainWhenItsTokenHasExpired(t *testing.T) {
	t.Parallel()
	s := newPluginServer(t, ", {name: "+expiredVariable+", value: \"1\"}")
	if _, err := s.call(t); err != nil {
		t.Fatal(err)
	}
	sent, err := s.call(t)
	if err != nil || !slices.Equal(sent, []string{"Bearer token-1", "Bearer token-2"}) {
		t.Errorf("sent %q, %v, want a new token for each call", sent, err)
	}
}
