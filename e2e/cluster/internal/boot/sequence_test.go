package boot

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/cluster/internal/sandbox"
)

func TestParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cfg  sandbox.Config
		want []string
	}{
		{sandbox.Config{ControlPlane: true}, []string{"API server", "controller manager"}},
		{sandbox.Config{ControlPlane: true, Scheduler: true}, []string{"API server", "controller manager", "scheduler"}},
		{sandbox.Config{}, []string{"registry", "API server", "controller manager", "scheduler", "node"}},
	} {
		var got []string
		for _, s := range (&sequence{cfg: test.cfg}).steps() {
			for _, part := range []string{"registry", "API server", "controller manager", "scheduler", "node"} {
				if strings.HasPrefix(s.done, part+" ") {
					got = append(got, part)
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v: parts (-want +got):\n%s", test.cfg, diff)
		}
	}
}
