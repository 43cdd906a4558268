package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/diff"
	"sigs.k8s.io/yaml"

	"github.com/org/k8sorch/internal/image"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// builtImage is an image made of this program for arm64 nodes.
func builtImage() podImage {
	return podImage{
		ref:      "registry.example/train@sha256:" + strings.Repeat("5", 64),
		platform: image.Platform{OS: "linux", Arch: "arm64"},
	}
}

// effects renders all that settings lead to in a run of one step, in YAML.
func effects(t *testing.T, s KubernetesOrchestratorSettings) []byte {
	t.Helper()
	load := Func0("load", func(context.Context) (int, error) { return 0, nil }).Retry(Retry{MaxRetries: 2, Delay: time.Second})
	d, err := New("train").Step(load).freeze()
	if err != nil {
		t.Fatal(err)
	}
	run := NewOrchestrator(Config{Settings: s, Args: []string{"serve"}}).newSubmission(d, &runOptions{})
	images := map[imageSource]podImage{}
	var sources []string
	for _, src := range run.imageSources() {
		images[src] = builtImage()
		sources = append(sources, fmt.Sprintf("image %q, base %q", src.image, src.base))
	}
	p, objects, err := run.objects("ml", images)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{
		"images": sources, "engine": p.Engine, "pods": p.Kubernetes, "orchestrator": objects.Template, "backoffLimit": objects.BackoffLimit,
	}
	if p.Cache != nil {
		all["cache"], all["stepRights"] = p.Cache, run.stepRights().Rules
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDefaultEffects(t *testing.T) {
	t.Parallel()
	checkGolden(t, "default.yaml", effects(t, KubernetesOrchestratorSettings{}))
}

// hunk is the header of a hunk, whose line numbers change with every default.
var hunk = regexp.MustCompile(`(?m)^@@.*@@$`)

// TestEachSettingHasAnEffect walks the rows: each changes what is rendered, or names the test that shows what it does.
func TestEachSettingHasAnEffect(t *testing.T) {
	t.Parallel()
	for _, row := range settingRows() {
		t.Run(row.field, func(t *testing.T) {
			t.Parallel()
			if row.behaviour != "" {
				checkTestExists(t, row.behaviour)
				return
			}
			if problems := row.values[0].problems(pipelineScope); problems != nil {
				t.Fatalf("the value is a mistake: %q", problems)
			}
			change := diff.Diff("default", effects(t, row.given), row.field, effects(t, mergeSettings(row.given, row.values[0])))
			if change == nil {
				t.Fatal("it changes nothing that is rendered: name the test that shows what it does as the row's behaviour")
			}
			_, change, _ = bytes.Cut(change, []byte("+++ "+row.field+"\n"))
			checkGolden(t, row.field+".diff", hunk.ReplaceAll(change, []byte("@@")))
		})
	}
}

func TestEachFieldHasARow(t *testing.T) {
	t.Parallel()
	var want []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[KubernetesOrchestratorSettings]()) {
		if f.Type != reflect.TypeFor[*KubernetesPodSettings]() {
			want = append(want, f.Name)
			continue
		}
		for _, inner := range reflect.VisibleFields(reflect.TypeFor[KubernetesPodSettings]()) {
			want = append(want, f.Name+"."+inner.Name)
		}
	}
	var got []string
	for _, row := range settingRows() {
		got = append(got, row.field)
		for i, value := range row.values {
			if set := setFields(t, value); !cmp.Equal(set, []string{snake(row.field)}) {
				t.Errorf("value %d of the row %s sets %q", i, row.field, set)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows (-fields +rows):\n%s", d)
	}
}

// setFields returns the paths of the fields that are set, by their names in JSON.
func setFields(t *testing.T, s KubernetesOrchestratorSettings) (set []string) {
	t.Helper()
	var tree map[string]json.RawMessage
	remarshal(t, s, &tree)
	for name, value := range tree {
		if name != "pod_settings" && name != "orchestrator_pod_settings" {
			set = append(set, name)
			continue
		}
		var inner map[string]json.RawMessage
		remarshal(t, value, &inner)
		for field := range inner {
			set = append(set, name+"."+field)
		}
	}
	return set
}

var word = regexp.MustCompile(`[A-Z][a-z]+`)

// snake returns the path of a field in the spelling of the specification.
func snake(field string) string {
	field = strings.NewReplacer("TTL", "Ttl", "IPC", "Ipc").Replace(field)
	parts := word.ReplaceAllStringFunc(field, func(w string) string { return "_" + strings.ToLower(w) })
	return strings.ReplaceAll(strings.TrimPrefix(parts, "_"), "._", ".")
}

func remarshal(t *testing.T, from, to any) {
	t.Helper()
	text, err := json.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatal(err)
	}
}

func checkGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "podspec", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s\nrun go test -update where the change is meant", path, d)
	}
}
