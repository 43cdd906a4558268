package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// terminal is one in which a user has started a program: tmux draws it, and tells what is on its screen.
type terminal struct{ socket string }

// tmuxConfig keeps the screen when the program has ended.
const tmuxConfig = "set -g remain-on-exit on\n"

// newTerminal starts a program in a terminal of its own. It is killed at the end of the test at the latest; a test that has failed
// shows what was on the screen then.
func newTerminal(t *testing.T, c command) *terminal {
	t.Helper()
	// The folders of tests have names that are too long for a socket.
	folder, err := os.MkdirTemp("", "tmux-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	config := filepath.Join(folder, "config")
	if err := os.WriteFile(config, []byte(tmuxConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	tm := &terminal{socket: filepath.Join(folder, "socket")}
	args := append([]string{"-f", config, "new-session", "-d", "-x", "120", "-y", "40", c.program}, c.args...)
	if _, err := tm.tmux(t.Context(), c.env, args...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// t.Context() is over by now.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if screen, err := tm.tmux(ctx, nil, "capture-pane", "-p"); t.Failed() {
			t.Logf("%s %q on the screen (%v):\n%s", c.program, c.args, err, screen)
		}
		if _, err := tm.tmux(ctx, nil, "kill-server"); err != nil {
			t.Error(err)
		}
	})
	return tm
}

// tmux calls tmux, and returns what it prints.
func (tm *terminal) tmux(ctx context.Context, env []string, args ...string) (string, error) {
	var failed strings.Builder
	cmd := exec.CommandContext(ctx, "tmux", append([]string{"-S", tm.socket}, args...)...)
	// Without a terminal of its own, tmux has to be told that its characters are not those of ASCII alone.
	cmd.Env, cmd.Stderr = append(append(os.Environ(), "LC_ALL=C.UTF-8"), env...), &failed
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w\n%s", strings.Join(args, " "), err, failed.String())
	}
	return string(out), nil
}

// tell calls tmux, which has to succeed.
func (tm *terminal) tell(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tm.tmux(t.Context(), nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// waitFor waits until the screen has lines that match all the expressions, and returns it.
func (tm *terminal) waitFor(t *testing.T, lines ...string) (screen string) {
	t.Helper()
	tm.until(t, func() (missing []string) {
		screen = tm.tell(t, "capture-pane", "-p")
		for _, line := range lines {
			if !regexp.MustCompile("(?m)^" + line + "$").MatchString(screen) {
				missing = append(missing, line)
			}
		}
		return missing
	})
	return screen
}

// wantExit waits for the program's end and fails the test where it is another one.
func (tm *terminal) wantExit(t *testing.T, want string) {
	t.Helper()
	got := ""
	tm.until(t, func() []string {
		// That the pane is dead is known when the program closes its terminal, which is before its exit code is.
		if got = strings.TrimSpace(tm.tell(t, "display-message", "-p", "#{pane_dead_status}#{pane_dead_signal}")); got == "" {
			return []string{"the end of the program"}
		}
		return nil
	})
	if got != want {
		t.Errorf("exit code %s, want %s", got, want)
	}
}

// until looks until nothing is missing any more. A terminal does not say when it has changed.
func (tm *terminal) until(t *testing.T, missing func() []string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		lacks := missing()
		if len(lacks) == 0 {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("waiting for %q on the screen:\n%s", lacks, tm.tell(t, "capture-pane", "-p"))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
