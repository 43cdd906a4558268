package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/internal/kube"
)

// stateVariable names the variable with the folder of the cluster that the tests bring along, where its logs are.
const stateVariable = "K8SORCH_E2E_STATE"

// TestRolesAreWhatRunsUse compares the rights of the generated accounts with what the API server was asked for by a run
// with a retry, whose steps get their tokens in variables, and by one that is stopped, whose step has its token in a file.
func TestRolesAreWhatRunsUse(t *testing.T) {
	t.Parallel()
	if os.Getenv(stateVariable) == "" {
		t.Skip("the audit log of this cluster is not at hand")
	}
	s := newScene(t)
	tokens := withSettings(t, pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)})
	s.start(t, command{program: built(t, buildFlaky), env: []string{tokens}}).wantExit(t, cli.ExitSucceeded)
	s.stopOne(t)
	used := map[string]map[right]bool{}
	for _, event := range s.audit(t) {
		account := event.User.Username[strings.LastIndex(event.User.Username, ":")+1:]
		if used[account] == nil {
			used[account] = map[right]bool{}
		}
		used[account][right{event.Verb, event.resource()}] = true
		if event.Status.Code == http.StatusForbidden {
			t.Errorf("%s may not %s %s, and tried", account, event.Verb, event.Object.Resource)
		}
	}
	for _, account := range []kube.Account{kube.OrchestratorRights(kube.StepAccount), kube.StepRights()} {
		account.Rules = slices.Concat(account.Rules, account.Optional)
		for _, right := range rightsOf(account) {
			if got, want := used[account.Name][right], !slices.Contains(rarelyUsed(account.Name), right); got != want {
				t.Errorf("%s has used the right to %s: %t, want %t", account.Name, right, got, want)
			}
		}
	}
}

// rarelyUsed are the rights that an account needs elsewhere: lists, of API servers that do not stream them to a watch
// (which is on by default since Kubernetes 1.34).
func rarelyUsed(account string) []right {
	if account == kube.StepAccount {
		return nil
	}
	return []right{{"list", "pods"}, {"list", "configmaps"}, {"list", "jobs"}}
}

// stopOne stops a run whose step hangs. The step reads in the record of its attempt why it is told to terminate.
func (s *scene) stopOne(t *testing.T) {
	t.Helper()
	c := s.start(t, command{program: built(t, buildFaults), args: []string{"--how", "hang"}})
	s.requestStop(t, s.running(t, "victim").Labels[labelRun], "enough is used")
	c.wantExit(t, cli.ExitStopped)
}

// auditEvent is one request, as the API server tells of it (k8s.io/apiserver/pkg/apis/audit/v1).
type auditEvent struct {
	Verb       string
	RequestURI string
	User       struct{ Username string }
	Object     struct{ Resource, Subresource string } `json:"objectRef"`
	Status     struct{ Code int }                     `json:"responseStatus"`
}

// resource is what the request was about, as policy rules have it.
func (e auditEvent) resource() string {
	return strings.TrimSuffix(e.Object.Resource+"/"+e.Object.Subresource, "/")
}

// writes tells that the request was to make or change an object.
func (e auditEvent) writes() bool {
	return slices.Contains([]string{"create", "update", "patch"}, e.Verb)
}

// isStrict tells that the request was to be refused for fields that the API server does not know.
func (e auditEvent) isStrict() bool { return strings.Contains(e.RequestURI, "fieldValidation=Strict") }

// audit returns the requests that service accounts of the namespace have made so far.
func (e *env) audit(t *testing.T) []auditEvent {
	t.Helper()
	file, err := os.Open(filepath.Join(os.Getenv(stateVariable), "logs", "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var events []auditEvent
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event auditEvent
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(event.User.Username, "system:serviceaccount:"+e.namespace+":") {
			events = append(events, event)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}
