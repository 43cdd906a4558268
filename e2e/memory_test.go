package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/cli"
)

var buildMemory = sync.OnceValues(func() (string, error) { return build(".", "./testdata/memory") })

// TestMemory prints how much memory the pods of runs take whose steps do nothing: the table of docs/memory.md.
func TestMemory(t *testing.T) {
	t.Parallel()
	if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("a run of 100 steps takes more than a minute; set K8SORCH_E2E_FULL")
	}
	rows := []string{"", "| pod | pods | peak RSS | of it anonymous, at the end | request |", "|---|---|---|---|---|"}
	for _, steps := range []int{8, 100} {
		s := newScene(t)
		c := s.start(t, command{program: built(t, buildMemory), env: []string{fmt.Sprintf("STEPS=%d", steps)}})
		if code := c.waitUpTo(t, 2*patience); code != cli.ExitSucceeded {
			t.Errorf("exit code %d, want %d", code, cli.ExitSucceeded)
		}
		s.pods.until(t, "all of the run's pods have ended", func([]change[*corev1.Pod]) bool { return !s.anythingRuns() })
		of := fmt.Sprintf("of %d steps", steps)
		rows = append(rows, s.memoryRow(t, "step, "+of, isAnyStep), s.memoryRow(t, "orchestrator, "+of, isOrchestrator))
	}
	t.Log(strings.Join(rows, "\n"))
}

// memoryRow says how many pods of a kind there were, what the largest of them took, and what they asked for.
func (s *scene) memoryRow(t *testing.T, kind string, is func(*corev1.Pod) bool) string {
	t.Helper()
	pods := s.pods.last(is)
	peak, anonymous := 0, 0
	for _, pod := range pods {
		log, err := s.logs(t.Context(), pod.Name, "main")
		if err != nil {
			t.Fatal(err)
		}
		peak = max(peak, kilobytes(t, log, "VmHWM"))
		anonymous = max(anonymous, kilobytes(t, log, "RssAnon"))
	}
	request := pods[0].Spec.Containers[0].Resources.Requests[corev1.ResourceMemory]
	return fmt.Sprintf("| %s | %d | %.1f MiB | %.1f MiB | %s |", kind, len(pods), float64(peak)/1024, float64(anonymous)/1024, request.String())
}

// kilobytes returns the value of a line in the format of /proc/PID/status.
func kilobytes(t *testing.T, text, name string) int {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + `:\s*(\d+) kB$`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no %s in:\n%s", name, text)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
