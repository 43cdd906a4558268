package k8sorchtest

import (
	"regexp"
	"strings"

	pipeline "github.com/org/k8sorch"
)

// What differs between two renderings of the same run.
var (
	runLabel   = regexp.MustCompile(`(?m)^ +run: (\S+)$`)
	podSuffix  = regexp.MustCompile(`(?m)^(  name: \S+-1-)[0-9a-f]{8}$`)
	planBytes  = regexp.MustCompile(`(?m)^( +plan\.json\.gz: ).*$`)
	planDigest = regexp.MustCompile(`(?m)^( +k8sorch\.io/plan: ).*$`)
)

// Manifests returns what [pipeline.Orchestrator.Render] does, for golden files: the run's id is <pipeline>-run, and left out
// are the plan's bytes and digest, which change with the time of the submission, and the ends of the names of pods. It asks
// no cluster; the orchestrator may be the program's own.
func Manifests(tb TB, o *pipeline.Orchestrator, p *pipeline.Pipeline, opts ...pipeline.RunOption) string {
	tb.Helper()
	rendered, err := o.Render(tb.Context(), p, opts...)
	if err != nil {
		tb.Fatalf("rendering pipeline %q: %v", p.Name(), err)
		return ""
	}
	text := string(rendered)
	if run := runLabel.FindStringSubmatch(text); run != nil {
		text = strings.ReplaceAll(text, run[1], p.Name()+"-run")
	}
	text = podSuffix.ReplaceAllString(text, "${1}00000000")
	text = planBytes.ReplaceAllString(text, "${1}AAAA")
	return planDigest.ReplaceAllString(text, "${1}sha256:0")
}
