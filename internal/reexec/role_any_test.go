package reexec_test

import (
	"cmp"
	"strings"
	"testing"
	"testing/quick"

	"github.com/org/k8sorch/internal/reexec"
)

func TestAnyRoleArrivesAsItWas(t *testing.T) {
	t.Parallel()
	kinds := []reexec.Kind{reexec.Orchestrator, reexec.Step, reexec.Probe}
	arrives := func(r reexec.Role, kind uint8) bool {
		r.Kind = kinds[int(kind)%len(kinds)]
		r.Dir, r.Report = cmp.Or(r.Dir, reexec.PodDir), cmp.Or(r.Report, reexec.PodReport)
		env := map[string]string{}
		for _, pair := range r.Env() {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
		got, err := reexec.Parse(func(name string) string { return env[name] })
		return err == nil && got == r
	}
	if err := quick.Check(arrives, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func TestContextCarriesARole(t *testing.T) {
	t.Parallel()
	if r, ok := reexec.FromContext(t.Context()); ok {
		t.Errorf("an empty context has the role %+v", r)
	}
	want := full()
	if got, ok := reexec.FromContext(reexec.NewContext(t.Context(), want)); !ok || got != want {
		t.Errorf("role = %+v, %t", got, ok)
	}
}
