package docs_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	pipeline "github.com/org/k8sorch"
)

// TestSettingsKeepTheirNames holds the tables of the guide for those who move here to the structs: a setting has the same
// name, as its key in files, and a field of the configuration exists.
func TestSettingsKeepTheirNames(t *testing.T) {
	t.Parallel()
	const page = "docs/guide/moving-from-zenml.md"
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| `([A-Za-z.]+)`")
	_, tables, _ := strings.Cut(read(t, page), "\n## Configuration of the orchestrator\n")
	rows := row.FindAllStringSubmatch(tables, -1)
	if len(rows) < 25 {
		t.Fatalf("%d rows were found, want 25 or more", len(rows))
	}
	for _, match := range rows {
		name, config := strings.CutPrefix(match[2], "Config.")
		of := reflect.TypeFor[pipeline.KubernetesOrchestratorSettings]()
		if config {
			of = reflect.TypeFor[pipeline.Config]()
		}
		field, ok := of.FieldByName(name)
		if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); !ok || !config && key != match[1] {
			t.Errorf("%s: %s is not what became of %s; its key is %q", page, match[2], match[1], key)
		}
	}
}
