package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/org/k8sorch"
)

// maxSaid is how many characters of what a step has said of itself a line shows. The document has it all.
const maxSaid = 100

// said returns what a step has said of itself, metrics first, on one line.
func (s summary) said(step pipeline.StepRun) string {
	var all []string
	for _, name := range slices.SortedFunc(maps.Keys(step.Metrics), cmp.Compare[string]) {
		all = append(all, s.cleaner.line(name)+"="+strconv.FormatFloat(step.Metrics[name], 'g', 6, 64))
	}
	for _, key := range slices.SortedFunc(maps.Keys(step.Metadata), cmp.Compare[string]) {
		all = append(all, s.cleaner.line(key)+"="+s.cleaner.line(step.Metadata[key]))
	}
	text := cut(strings.Join(all, " "), maxSaid)
	if step.MetadataDropped > 0 {
		text += fmt.Sprintf(" (%d more had no room in its report)", step.MetadataDropped)
	}
	return strings.TrimSpace(text)
}
