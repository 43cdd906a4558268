package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRBACPrintsTheRights(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":    "kind: ServiceAccount\n",
		"ann": "kind: ServiceAccount\n---\nuser: ann\n",
	} {
		s := newStand(&player{})
		if code := s.call("rbac", "--submitter", args, "-n", "ml"); code != ExitSucceeded {
			t.Fatalf("exit code %d; stderr:\n%s", code, &s.err)
		}
		if diff := cmp.Diff(want, s.out.String()); diff != "" {
			t.Errorf("--submitter %q (-want +got):\n%s", args, diff)
		}
		if s.config.Namespace != "ml" {
			t.Errorf("the namespace is %q, want that of the flag", s.config.Namespace)
		}
	}
}
