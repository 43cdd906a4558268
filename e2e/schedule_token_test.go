package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/cli"
)

// TestTokenOfAScheduleIsRenewed has a user with the rights that rbac prints make a schedule with a token, which outlives a run, and
// make it again with another one.
func TestTokenOfAScheduleIsRenewed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	program := built(t, buildToken)
	const user = "scheduler"
	printed := s.start(t, command{program: program, args: []string{"rbac", "--submitter", s.account(user)}})
	printed.wantExit(t, cli.ExitSucceeded)
	s.apply(t, printed.stdout.String())
	s.makeAccount(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: user}})
	as := s.as(t, user)

	for _, token := range []string{"canary-1", "canary-2"} {
		made := as.start(t, command{program: program, args: []string{"schedule", "create", "--cron", "0 0 29 2 *", "--suspended"}, env: []string{"TOKEN=" + token}})
		made.wantExit(t, cli.ExitSucceeded)
		wantText(t, made.stderr.String(), "has to last as long")
		for range 2 {
			triggered := start(t, command{program: program, args: []string{"schedule", "trigger", "token", "--kubeconfig", as.kubeconfig, "--namespace", s.namespace}})
			triggered.wantExit(t, cli.ExitSucceeded)
			run := strings.TrimSpace(triggered.stdout.String())
			s.complete(t, run)
			sum := sha256.Sum256([]byte(token))
			s.wantValue(t, run, "call", hex.EncodeToString(sum[:]))
		}
	}
	deleted := start(t, command{program: program, args: []string{"schedule", "delete", "token", "--kubeconfig", as.kubeconfig, "--namespace", s.namespace}})
	deleted.wantExit(t, cli.ExitSucceeded)
	s.untilGone(t)
}

// wantValue compares the value of a step, which is a text, with what its record has.
func (s *scene) wantValue(t *testing.T, run, step, want string) {
	t.Helper()
	s.catchUp(t)
	for _, cm := range s.records.last(isRecord("result")) {
		if cm.Labels[labelRun] != run || cm.Labels[labelStep] != step {
			continue
		}
		for _, value := range cm.BinaryData {
			if !strings.HasSuffix(string(value), want) {
				t.Errorf("the value of step %s of run %s is %q, want %q", step, run, value, want)
			}
			return
		}
	}
	t.Errorf("step %s of run %s has no value", step, run)
}
