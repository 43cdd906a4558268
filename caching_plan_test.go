package pipeline

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/plan"
)

// cachedObjects returns what is submitted of a run of one step whose artifacts are in a claim.
func cachedObjects(t *testing.T, s KubernetesOrchestratorSettings, options runOptions) (*submission, *plan.Plan, corev1.PodSpec) {
	t.Helper()
	step := Func0("load", func(context.Context) (int, error) { return 0, nil })
	d, err := New("train").Step(step).freeze()
	if err != nil {
		t.Fatal(err)
	}
	run := NewOrchestrator(Config{Settings: s, Args: []string{}, Artifacts: "pvc://data/train"}).newSubmission(d, &options)
	p, objects, err := run.objects("ml", map[imageSource]podImage{run.runSettings().imageSource(): builtImage()})
	if err != nil {
		t.Fatal(err)
	}
	return run, p, objects.Template.Spec
}

func TestWhoeverLooksMayAndCanSeeTheArtifacts(t *testing.T) {
	t.Parallel()
	byStep := KubernetesOrchestratorSettings{EnableCache: new(true), PreventOrchestratorPodCaching: new(true)}
	for name, tt := range map[string]struct {
		settings KubernetesOrchestratorSettings
		options  runOptions
		mounted  bool
		verbs    string
	}{
		"the orchestrator":  {settings: cached(), mounted: true, verbs: "create get"},
		"the steps":         {settings: byStep, verbs: "create get list"},
		"nobody":            {settings: cached(), options: runOptions{noCache: true}, verbs: "create get"},
		"none of the steps": {settings: byStep, options: runOptions{noCache: true}, verbs: "create get"},
		"nothing is cached": {verbs: "create get"},
		"no step is cached": {settings: KubernetesOrchestratorSettings{PreventOrchestratorPodCaching: new(true)}, verbs: "create get"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, _, pod := cachedObjects(t, tt.settings, tt.options)
			mounted := slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool {
				return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == "data"
			})
			if mounted != tt.mounted {
				t.Errorf("the claim is mounted in the orchestrator's pod: %t, want %t", mounted, tt.mounted)
			}
			accounts := run.accounts()
			if got := strings.Join(accounts[len(accounts)-1].Rules[0].Verbs, " "); got != tt.verbs {
				t.Errorf("steps may %s ConfigMaps, want %s", got, tt.verbs)
			}
		})
	}
}

func TestNoCacheKeepsTheKeys(t *testing.T) {
	t.Parallel()
	_, want, _ := cachedObjects(t, cached(), runOptions{})
	_, got, _ := cachedObjects(t, cached(), runOptions{noCache: true})
	if diff := cmp.Diff(want.Cache.Steps, got.Cache.Steps); diff != "" {
		t.Errorf("cached steps (-with +without looking):\n%s", diff)
	}
	if got.Cache.Lookup != plan.ByNobody {
		t.Errorf("earlier values are looked for by %s", got.Cache.Lookup)
	}
}

// The program of child processes is this one, whatever image pods would have.
func TestVersionInChildProcessesIsTheProgram(t *testing.T) {
	t.Parallel()
	settings := cached()
	settings.Image = new("example.com/train:latest")
	run, _, _ := cachedObjects(t, settings, runOptions{})
	first, err := run.processCache()
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Steps["load"].Version; !strings.HasPrefix(got, "program sha256:") || len(got) != len("program sha256:")+64 {
		t.Errorf("version = %q", got)
	}
}
