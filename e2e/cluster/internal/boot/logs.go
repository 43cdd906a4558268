package boot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

// tailLines is how much of a component's log is printed when the boot fails.
const tailLines = 25

// printLogs prints the end of the log of the component that ended the boot, or of every one when none did.
func printLogs(out io.Writer, dir state.Dir, cause error) {
	var exit *supervise.ExitError
	if errors.As(cause, &exit) {
		printTail(out, dir.Log(exit.Component))
		return
	}
	logs, _ := filepath.Glob(filepath.Join(dir.Logs(), "*.log"))
	for _, log := range logs {
		if log != dir.AuditLog() {
			printTail(out, log)
		}
	}
}

func printTail(out io.Writer, log string) {
	text, err := os.ReadFile(log)
	if err != nil {
		text = []byte(err.Error())
	}
	fmt.Fprintf(out, "==> end of %s <==\n%s\n", filepath.Base(log), tail(text, tailLines))
}

// tail is the last lines of text.
func tail(text []byte, lines int) []byte {
	text = bytes.TrimRight(text, "\n")
	start := len(text)
	for range lines {
		if start = bytes.LastIndexByte(text[:start], '\n'); start < 0 {
			return text
		}
	}
	return text[start+1:]
}
