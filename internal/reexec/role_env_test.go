package reexec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/reexec"
)

func full() reexec.Role {
	return reexec.Role{
		Kind: reexec.Step, Run: "r", Pipeline: "p", Step: "s", Attempt: 3, UID: "u", Namespace: "n", Job: "j",
		JobUID: "ju", PlanUID: "pu", Dir: "/d", Report: "/r", ReportSize: 2048, Room: -1, Grace: 90 * time.Second, Token: "t",
		AccountToken: "at", CA: "-----BEGIN",
		CacheMiss: "version changed", Schedule: "n-ly",
	}
}

func TestRolesArriveAsTheyWere(t *testing.T) {
	for _, want := range []reexec.Role{full(), {Kind: reexec.Probe, Pipeline: "p", Dir: "/d", Report: "/r"}, {}} {
		for _, v := range want.Vars() {
			t.Setenv(v.Name, v.Value)
		}
		got, err := reexec.FromEnv()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("role (-want +got):\n%s", diff)
		}
		// What the user's code starts must not take itself for a step.
		if again, err := reexec.FromEnv(); err != nil || again != (reexec.Role{}) {
			t.Errorf("the environment still has %+v, %v", again, err)
		}
	}
}

func TestEveryVariableIsNamed(t *testing.T) {
	t.Parallel()
	named := strings.Join(reexec.EnvNames(), " ") + " "
	for _, v := range full().Vars() {
		if !strings.Contains(named, v.Name+" ") {
			t.Errorf("%s is not in EnvNames: it would not be unset", v.Name)
		}
	}
}

// What a manifest fills from the pod's own fields, or adds later, wins over what was known when the process was made.
func TestVariablesOfTheirOwnWin(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	for _, v := range full().Vars() {
		env[v.Name] = v.Value
	}
	want := full()
	for name, part := range map[string]*string{
		reexec.EnvRun: &want.Run, reexec.EnvUID: &want.UID, reexec.EnvJob: &want.Job, reexec.EnvJobUID: &want.JobUID,
		reexec.EnvCacheMiss: &want.CacheMiss,
	} {
		*part = "another " + name
		env[name] = *part
	}
	if len(env) != len(reexec.EnvNames()) {
		t.Errorf("%d variables can be set, %d are named", len(env), len(reexec.EnvNames()))
	}
	got, err := reexec.Parse(func(name string) string { return env[name] })
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, role (-want +got):\n%s", err, diff)
	}
}

// Paths of files are any bytes.
func TestPathsArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	want := reexec.Role{Kind: reexec.Step, Dir: "/runs/\xff", Report: "/runs/\xfe/report"}
	env := map[string]string{}
	for _, v := range want.Vars() {
		env[v.Name] = v.Value
	}
	if got, err := reexec.Parse(func(name string) string { return env[name] }); err != nil || got != want {
		t.Errorf("role %+v, error %v, want %+v", got, err, want)
	}
}

// A pod has its files where every pod has them, and is not told.
func TestPodsAreNotToldWhereTheirFilesAre(t *testing.T) {
	t.Parallel()
	want := reexec.Role{Kind: reexec.Step, Step: "s", Dir: reexec.PodDir, Report: reexec.PodReport}
	vars := want.Vars()
	if diff := cmp.Diff([]reexec.Var{{Name: reexec.EnvTask, Value: `{"role":"step","step":"s"}`}}, vars); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	got, err := reexec.Parse(func(name string) string {
		if name == reexec.EnvTask {
			return vars[0].Value
		}
		return ""
	})
	if err != nil || got != want {
		t.Errorf("role %+v, error %v, want %+v", got, err, want)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, task := range []string{`{"role":"king"}`, `{"attempt":"many"}`, `{}`, `step`} {
		_, err := reexec.Parse(func(name string) string {
			if name == reexec.EnvTask {
				return task
			}
			return ""
		})
		if err == nil || !strings.Contains(err.Error(), reexec.EnvTask) {
			t.Errorf("%s: error = %v, want one that names %s", task, err, reexec.EnvTask)
		}
	}
}
