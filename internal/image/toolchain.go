package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// goExit is how long the go command may take to remove its work directory after it was interrupted.
const goExit = 5 * time.Second

// goOutput is how much of the go command's own words an error repeats; the first ones name the cause.
const goOutput = 4 << 10

// runGo runs the go command in the directory and returns what it printed.
func runGo(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = goExit

	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.String(), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("running go %s: %w", args[0], context.Cause(ctx))
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("rebuilding needs the go command: %w", err)
	}
	said := strings.TrimSpace(stderr.String())
	return "", fmt.Errorf("running go %s: %w:\n%s", args[0], err, said[:min(len(said), goOutput)])
}
