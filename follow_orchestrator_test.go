package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrchestratorsWarningsAreToldOnce(t *testing.T) {
	t.Parallel()
	var told []string
	tap := troubleTap{run: &clusterRun{tracker: &tracker{run: &Run{}, events: func(e Event) { told = append(told, e.Message) }}}}
	for _, line := range []string{
		`{"level":"info","msg":"step changed","step":"load"}`,
		`{"level":"warn","msg":"repeating the call","after":0.2,"error":"pods is forbidden"}`,
		`{"level":"warn","msg":"repeating the call","after":0.4,"error":"pods is forbidden"}`,
		`{"level":"warn","msg":"cannot watch the run"}`,
		`{"level":"error","msg":"the orchestrator ends with an error","error":"the run ended as Failed"}`,
		`a line that some library has printed`,
		`3`,
	} {
		tap.line("pod", line)
	}
	want := []string{
		"the orchestrator says: repeating the call: pods is forbidden",
		"the orchestrator says: cannot watch the run",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}
