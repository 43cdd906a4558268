package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/cli"
)

var buildToken = sync.OnceValues(func() (string, error) { return build(".", "./testdata/token") })

// TestTokenIsInItsSecretOnly runs with a token as a user with the rights that rbac prints: the step gets it, and when the
// run is over there is no trace of it.
func TestTokenIsInItsSecretOnly(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	program := built(t, buildToken)
	const user, token = "submitter", "canary-7c2f9a$(HOME)"
	printed := e.start(t, command{program: program, args: []string{"rbac", "--submitter", "system:serviceaccount:" + e.namespace + ":" + user}})
	printed.wantExit(t, cli.ExitSucceeded)
	e.apply(t, printed.stdout.String())
	e.makeAccount(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: user}})

	c := e.as(t, user).start(t, command{program: program, env: []string{"TOKEN=" + token}})
	c.wantExit(t, cli.ExitSucceeded)
	sum := sha256.Sum256([]byte(token))
	if diff := cmp.Diff(hex.EncodeToString(sum[:])+"\n", c.stdout.String()); diff != "" {
		t.Errorf("digest of the token in the step (-want +got):\n%s", diff)
	}
	for _, o := range e.inventory(t) {
		text, err := json.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		if o.GetKind() == "Secret" || strings.Contains(string(text), "canary") {
			t.Errorf("left in the namespace: %s", text)
		}
	}
	if said := c.stderr.String(); strings.Contains(said, "canary") || strings.Contains(said, "stays until") {
		t.Errorf("standard error:\n%s", said)
	}
}
