package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// terminal is one in which a user has started a program: tmux draws it, and tells what is on its screen.
type terminal struct{ socket string }

// tmuxConfig keeps the screen when the program has ended.
const tmuxConfig = "set -g remain-on-exit on\n"

// tellExit is the shell's program around the one that is started. What tmux knows of an exit code is lost now and then where the
// terminal is closed before the program has been waited for (tmux 3.3a).
const tellExit = `"$0" "$@"; echo "exit code $?"`

// newTerminal starts a program in a terminal of its own. It is killed at the end of the test at the latest; a test that has failed
// shows what was on the screen then.
func newTerminal(t *testing.T, c command) *terminal {
	t.Helper()
	// The folders of tests have names that are too long for a socket.
	folder, err := os.MkdirTemp("", "tmux-") //nolint:usetesting // as said
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	config := filepath.Join(folder, "config")
	if err := os.WriteFile(config, []byte(tmuxConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	tm := &terminal{socket: filepath.Join(folder, "socket")}
	args := append([]string{"-f", config, "new-session", "-d", "-x", "120", "-y", "40", "sh", "-c", tellExit, c.program}, c.args...)
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
	until(t, fmt.Sprintf("the screen has %q", lines), func() bool {
		screen = tm.tell(t, "capture-pane", "-p")
		return !slices.ContainsFunc(lines, func(line string) bool { return !regexp.MustCompile("(?m)^" + line + "$").MatchString(screen) })
	})
	return screen
}

// wantExit waits for the program's end and fails the test where it is another one.
func (tm *terminal) wantExit(t *testing.T, want int) {
	t.Helper()
	screen := tm.waitFor(t, `exit code \d+`)
	if got := regexp.MustCompile(`(?m)^exit code \d+$`).FindString(screen); got != fmt.Sprint("exit code ", want) {
		t.Errorf("%s, want %d", got, want)
	}
}
