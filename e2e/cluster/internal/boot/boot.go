// Package boot brings a cluster up inside its sandbox, runs what it is for, and ends.
package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/org/k8sorch/e2e/cluster/internal/address"
	"github.com/org/k8sorch/e2e/cluster/internal/node"
	"github.com/org/k8sorch/e2e/cluster/internal/sandbox"
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

// timeout bounds the boot; on two busy cores it takes about 20 s.
const timeout = 3 * time.Minute

// Run boots the cluster of the sandbox it is in, then runs the sandbox's command or waits for a signal. It returns the
// exit code for the sandbox. Returning is all the tearing down there is: the sandbox ends what is left.
func Run() (int, error) {
	cfg, err := sandbox.Receive()
	if err != nil {
		return 0, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := boot(ctx, cfg); err != nil {
		return 0, err
	}
	return use(ctx, cfg)
}

// boot brings the cluster up. When it fails it prints the logs that tell why.
func boot(asked context.Context, cfg sandbox.Config) error {
	ctx, fail := context.WithCancelCause(asked)
	defer fail(nil)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	progress := newProgress(os.Stderr)
	components := supervise.New(cfg.State, fail, progress.printf)
	err := (&sequence{cfg: cfg, components: components, progress: progress}).run(ctx)
	if err != nil && asked.Err() != nil {
		return errors.New("stopped while booting")
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = errors.Join(cause, err)
	}
	if err != nil {
		printLogs(os.Stderr, cfg.State, err)
		return fmt.Errorf("booting the cluster: %w", err)
	}
	components.Booted()
	progress.printf("ready: Kubernetes %s", node.Version())
	return nil
}

// use is what the cluster was booted for.
func use(ctx context.Context, cfg sandbox.Config) (int, error) {
	environment := []string{
		"KUBECONFIG=" + cfg.State.Kubeconfig(),
		"K8SORCH_E2E_REGISTRY=" + address.Registry,
		"K8SORCH_E2E_STATE=" + string(cfg.State),
	}
	if err := writeEnvironment(cfg.State.Environment(), environment); err != nil {
		return 0, err
	}
	if len(cfg.Command) > 0 {
		return runCommand(ctx, cfg.Command, environment)
	}
	<-ctx.Done()
	return 0, nil
}

// runCommand runs the user's command and returns its exit code. When asked to stop it asks the command to.
func runCommand(ctx context.Context, command, environment []string) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), environment...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return 0, fmt.Errorf("running %s: %w", command[0], err)
	}
	return sandbox.ExitCode(cmd.ProcessState.Sys().(syscall.WaitStatus)), nil
}

// writeEnvironment writes the file in one step, so that whoever sees it can use it.
func writeEnvironment(path string, environment []string) error {
	var text []byte
	for _, variable := range environment {
		text = fmt.Appendf(text, "export %s\n", variable)
	}
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
