package pipeline

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

// sameQuantity compares quantities by their amount: they also remember how they were written.
func sameQuantity() cmp.Option {
	return cmp.Comparer(func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })
}

// someSettings sets each field, or does not, to one of its rows' values.
func someSettings(random *rand.Rand) KubernetesOrchestratorSettings {
	var s KubernetesOrchestratorSettings
	for _, row := range settingRows() {
		if i := random.IntN(2 * len(row.values)); i < len(row.values) {
			copySet(reflect.ValueOf(&s).Elem(), reflect.ValueOf(row.values[i]))
		}
	}
	return s
}

// copySet copies the fields that are set, those of pod settings one by one.
func copySet(to, from reflect.Value) {
	for i := range from.NumField() {
		f := from.Field(i)
		switch {
		case f.IsZero():
		case f.Type() == reflect.TypeFor[*KubernetesPodSettings]():
			if to.Field(i).IsNil() {
				to.Field(i).Set(reflect.New(f.Type().Elem()))
			}
			copySet(to.Field(i).Elem(), f.Elem())
		default:
			to.Field(i).Set(f)
		}
	}
}

func TestMergeIsAssociative(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 0))
		a, b, c := someSettings(random), someSettings(random), someSettings(random)
		left := mergeSettings(mergeSettings(a, b), c)
		right := mergeSettings(a, mergeSettings(b, c))
		if d := cmp.Diff(left, right, sameQuantity()); d != "" {
			t.Fatalf("seed %d: (a+b)+c differs from a+(b+c) (-left +right):\n%s", seed, d)
		}
	}
}

func TestMergeWithZeroIsIdentity(t *testing.T) {
	t.Parallel()
	var zero KubernetesOrchestratorSettings
	for seed := range uint64(50) {
		// Merging with zero spells additional arguments as Kubernetes does; all else stays.
		given := someSettings(rand.New(rand.NewPCG(seed, 1)))
		want := given
		for _, pod := range []**KubernetesPodSettings{&want.PodSettings, &want.OrchestratorPodSettings} {
			if *pod != nil {
				spelled := **pod
				spelled.AdditionalPodSpecArgs, _ = readArgs(nil, spelled.AdditionalPodSpecArgs)
				*pod = &spelled
			}
		}
		if d := cmp.Diff(want, mergeSettings(given, zero), sameQuantity()); d != "" {
			t.Fatalf("seed %d: s+0 (-want +got):\n%s", seed, d)
		}
		if d := cmp.Diff(want, mergeSettings(zero, given), sameQuantity()); d != "" {
			t.Fatalf("seed %d: 0+s (-want +got):\n%s", seed, d)
		}
	}
}

func TestMergeWritesToNeither(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		twice := func() (a, b KubernetesOrchestratorSettings) {
			random := rand.New(rand.NewPCG(seed, 2))
			return someSettings(random), someSettings(random)
		}
		base, top := twice()
		wantBase, wantTop := twice()
		mergeSettings(base, top)
		if d := cmp.Diff([]any{wantBase, wantTop}, []any{base, top}, sameQuantity()); d != "" {
			t.Fatalf("seed %d: merging changed what was merged (-want +got):\n%s", seed, d)
		}
	}
}

// TestTheMoreSpecificWins covers the settings that are replaced as a whole; the others have tests of their own.
func TestTheMoreSpecificWins(t *testing.T) {
	t.Parallel()
	for _, row := range append(stepSettingRows(), runSettingRows()...) {
		got := mergeSettings(row.values[0], row.values[1])
		if d := cmp.Diff(row.values[1], got); d != "" {
			t.Errorf("%s (-want +got):\n%s", row.field, d)
		}
	}
	for _, field := range []string{"Tolerations", "HostIPC", "SchedulerName", "EnvFrom"} {
		for _, row := range podSettingRows() {
			if row.field != field {
				continue
			}
			got := mergePodSettings(&row.values[0], &row.values[1])
			if d := cmp.Diff(&row.values[1], got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.field, d)
			}
		}
	}
}

func TestImageAndBaseImageReplaceEachOther(t *testing.T) {
	t.Parallel()
	image := KubernetesOrchestratorSettings{Image: new("mine")}
	base := KubernetesOrchestratorSettings{BaseImage: new("debian")}
	if got, want := mergeSettings(image, base).imageSource(), (imageSource{base: "debian"}); got != want {
		t.Errorf("a base image over an image: got %+v, want %+v", got, want)
	}
	if got, want := mergeSettings(base, image).imageSource(), (imageSource{image: "mine"}); got != want {
		t.Errorf("an image over a base image: got %+v, want %+v", got, want)
	}
}

func TestMergePodSettingsByKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, base, top, want string }{
		{"maps", `labels: {a: x, b: x}`, `labels: {b: y, c: y}`, `labels: {a: x, b: y, c: y}`},
		{
			"variables keep their order and never have two sources",
			`env: [{name: A, value: x}, {name: B, value: x}]`,
			`env: [{name: C, value: y}, {name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]`,
			`env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: B, value: x}, {name: C, value: y}]`,
		},
		{
			"volumes never have two sources",
			`volumes: [{name: data, emptyDir: {}}]`,
			`volumes: [{name: data, persistentVolumeClaim: {claimName: c}}]`,
			`volumes: [{name: data, persistentVolumeClaim: {claimName: c}}]`,
		},
		{
			"mounts by path",
			`volume_mounts: [{name: a, mountPath: /a, subPath: x}, {name: b, mountPath: /b}]`,
			`volume_mounts: [{name: c, mountPath: /a}]`,
			`volume_mounts: [{name: c, mountPath: /a}, {name: b, mountPath: /b}]`,
		},
		{"pull secrets once", `image_pull_secrets: [a, b]`, `image_pull_secrets: [c, a]`, `image_pull_secrets: [a, b, c]`},
		{
			"resources by name",
			`resources: {requests: {cpu: 1, memory: 1Gi}}`,
			`resources: {requests: {memory: 4Gi}, limits: {memory: 8Gi}}`,
			`resources: {requests: {cpu: 1, memory: 4Gi}, limits: {memory: 8Gi}}`,
		},
		{
			"affinity by kind, lists of terms as a whole",
			`affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a}]}}`,
			`affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: b}]}, podAntiAffinity: {}}`,
			`affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: b}]}, podAntiAffinity: {}}`,
		},
		{
			"security context by field, a profile as a whole",
			`container_security_context: {runAsUser: 7, seccompProfile: {type: Localhost, localhostProfile: p}}`,
			`container_security_context: {runAsGroup: 8, seccompProfile: {type: RuntimeDefault}}`,
			`container_security_context: {runAsUser: 7, runAsGroup: 8, seccompProfile: {type: RuntimeDefault}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base, top, want := podSettings(t, test.base), podSettings(t, test.top), podSettings(t, test.want)
			if d := cmp.Diff(want, mergePodSettings(base, top), sameQuantity()); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// podSettings reads the inside of an object in YAML.
func podSettings(t *testing.T, text string) *KubernetesPodSettings {
	t.Helper()
	s := new(KubernetesPodSettings)
	if err := yaml.UnmarshalStrict([]byte("{"+text+"}"), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMergeCopiesWhatIsGiven(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"team": "data"}
	merged := mergeSettings(KubernetesOrchestratorSettings{}, KubernetesOrchestratorSettings{PodSettings: &KubernetesPodSettings{Labels: labels}})
	labels["team"] = "changed later"
	if got := merged.PodSettings.Labels["team"]; got != "data" {
		t.Errorf("the label is %q, want it as it was when it was given", got)
	}
}
