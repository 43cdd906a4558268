package artifacttest

import (
	"errors"
	"strings"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
)

// WantUnavailable fails the test unless err, which came of what, blames the store and says nothing about the artifact.
func WantUnavailable(t *testing.T, what string, err error) {
	t.Helper()
	if _, ok := errors.AsType[*artifact.UnavailableError](err); !ok || errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("%s = %v, want an UnavailableError", what, err)
	}
}

// WantAllUnavailable fails the test unless every use of the store says that it is unavailable, in words that hold none
// of the secrets.
func WantAllUnavailable(t *testing.T, s artifact.Store, digest artifact.Digest, secrets ...string) {
	t.Helper()
	_, statErr := s.Stat(t.Context(), digest)
	_, openErr := artifact.Open(t.Context(), s, digest, 1)
	_, writeErr := artifact.WriteBytes(t.Context(), s, []byte("new"))
	for what, err := range map[string]error{"Stat": statErr, "Open": openErr, "WriteBytes": writeErr} {
		WantUnavailable(t, what, err)
		for _, secret := range secrets {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s gives a secret away: %v", what, err)
			}
		}
	}
}
