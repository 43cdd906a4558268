package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const settingsPage = "docs/settings.md"

// readPage returns the text of the page about settings.
func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(settingsPage)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pageTable returns the rows of the table under a heading of the page, without its head, cell by cell.
func pageTable(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	_, section, ok := strings.Cut(readPage(t), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no section %s", settingsPage, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); strings.HasPrefix(line, "| `") {
			rows = append(rows, cells)
			cells[0] = strings.TrimPrefix(cells[0], "| ")
		}
	}
	return rows
}

// fieldRow returns what a table must say of a field: its name and its key in files.
func fieldRow(f reflect.StructField) []string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return []string{"`" + f.Name + "`", "`" + key + "`"}
}

// rowOf returns the row with values of a field.
func rowOf(t *testing.T, field string) settingRow {
	t.Helper()
	rows := settingRows()
	i := slices.IndexFunc(rows, func(row settingRow) bool { return row.field == field })
	if i < 0 {
		t.Fatalf("there is no row for %s", field)
	}
	return rows[i]
}

// TestPageHasEachSetting compares the first columns of the table with the struct: name, key, scope and how it merges.
func TestPageHasEachSetting(t *testing.T) {
	t.Parallel()
	var want, got [][]string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[KubernetesOrchestratorSettings]()) {
		values := podsWith(f.Name)
		if values == nil {
			values = rowOf(t, f.Name).values
		}
		scope := "step"
		if values[0].problems(stepScope) != nil {
			scope = "run"
		}
		want = append(want, append(fieldRow(f), scope, mergeKind(t, values, f)))
	}
	for _, row := range pageTable(t, "KubernetesOrchestratorSettings") {
		got = append(got, row[:4])
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the table of %s (-code +page):\n%s", settingsPage, d)
	}
}

// podsWith returns settings whose field called name is of a pod; none where that is no such field.
func podsWith(name string) []KubernetesOrchestratorSettings {
	one, other := KubernetesPodSettings{HostIPC: new(true)}, KubernetesPodSettings{SchedulerName: new("volcano")}
	switch name {
	case "PodSettings":
		return []KubernetesOrchestratorSettings{{PodSettings: &one}, {PodSettings: &other}}
	case "OrchestratorPodSettings":
		return []KubernetesOrchestratorSettings{{OrchestratorPodSettings: &one}, {OrchestratorPodSettings: &other}}
	}
	return nil
}

func TestPageHasEachSettingOfPods(t *testing.T) {
	t.Parallel()
	for _, pods := range []string{"PodSettings", "OrchestratorPodSettings"} {
		outer, _ := reflect.TypeFor[KubernetesOrchestratorSettings]().FieldByName(pods)
		var want, got [][]string
		for _, f := range reflect.VisibleFields(reflect.TypeFor[KubernetesPodSettings]()) {
			want = append(want, append(fieldRow(f), mergeKind(t, rowOf(t, pods+"."+f.Name).values, outer, f)))
		}
		for _, row := range pageTable(t, "KubernetesPodSettings") {
			got = append(got, row[:3])
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("the table of %s for %s (-code +page):\n%s", settingsPage, pods, d)
		}
	}
}

// TestDefaultsOfThePage gives each setting the default that the page has for it: nothing that is rendered changes.
func TestDefaultsOfThePage(t *testing.T) {
	t.Parallel()
	checked := 0
	check := func(format, key, value string) {
		text := fmt.Sprintf(format, strings.Trim(key, "`"), strings.Trim(value, "`"))
		if !strings.HasPrefix(value, "`") {
			return // It has none that could be written down.
		}
		s, err := parseSettings(settingsPage, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(effects(t, KubernetesOrchestratorSettings{})), string(effects(t, s))); d != "" {
			t.Errorf("%s is not the default (-default +it):\n%s", text, d)
		}
		checked++
	}
	for _, row := range pageTable(t, "KubernetesOrchestratorSettings") {
		check("%s: %s", row[1], row[4])
	}
	for _, row := range pageTable(t, "KubernetesPodSettings") {
		check("pod_settings: {%s: %s}", row[1], row[3])
		check("orchestrator_pod_settings: {%s: %s}", row[1], row[3])
	}
	if checked < 20 {
		t.Errorf("%d defaults were found, want 20 or more", checked)
	}
}

// TestDifferencesOfThePage holds the second table of defaults to the first.
func TestDifferencesOfThePage(t *testing.T) {
	t.Parallel()
	defaults := map[string]string{}
	for _, row := range pageTable(t, "KubernetesOrchestratorSettings") {
		defaults[row[0]] = row[4]
	}
	for _, row := range pageTable(t, "Differences to the original system") {
		names, values := strings.Split(row[2], ", "), []string{row[3]}
		if len(names) > 1 {
			values = strings.Split(row[3], ", ")
		}
		for i, name := range names {
			if strings.Contains(name, ".") || name == "none" {
				continue // It is none of these settings.
			}
			if want, ok := defaults[name]; !ok || values[i] != want {
				t.Errorf("the default of %s is %q in the differences and %q in the table", name, values[i], want)
			}
		}
	}
}

func TestDefaultRequestsOfThePage(t *testing.T) {
	t.Parallel()
	page := strings.Join(strings.Fields(readPage(t)), " ")
	for _, want := range []string{
		fmt.Sprintf("%s of CPU and %s of memory in a step's pod", stepCPU, stepMemory),
		fmt.Sprintf("%s of CPU and %s of memory in the orchestrator's", orchestratorCPU, orchestratorMemory),
		fmt.Sprintf("| `PodSettings.Resources` | %s |", stepMemory),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s does not say %q", settingsPage, want)
		}
	}
}

// blocks returns the code of one language on the page.
func blocks(t *testing.T, language string) (code []string) {
	t.Helper()
	fenced := regexp.MustCompile("(?s)\n```" + language + "\n(.*?\n)```\n")
	for _, match := range fenced.FindAllStringSubmatch(readPage(t), -1) {
		code = append(code, match[1])
	}
	if len(code) == 0 {
		t.Fatalf("%s has no block of %s", settingsPage, language)
	}
	return code
}

func TestYAMLOfThePageIsTheSpecifications(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/podspec/specification.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{string(want)}, blocks(t, "yaml")); d != "" {
		t.Errorf("-file +page:\n%s", d)
	}
}

func TestMistakesOfThePage(t *testing.T) {
	t.Parallel()
	_, err := parseSettings("settings.yaml", []byte("max_paralelism: 4\n\npod_settings:\n  node_selector: {a: b}\n"))
	if d := cmp.Diff(blocks(t, "text"), []string{fmt.Sprintln(err)}); d != "" {
		t.Errorf("-page +error:\n%s", d)
	}
}

func TestLinksOfThePage(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(page, -1) {
		file, heading, _ := strings.Cut(link[1], "#")
		if _, err := os.Stat(filepath.Join(filepath.Dir(settingsPage), file)); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
		if file == "" && !strings.Contains(strings.ReplaceAll(strings.ToLower(page), " ", "-"), "\n##-"+heading+"\n") {
			t.Errorf("there is no heading #%s", heading)
		}
	}
}
