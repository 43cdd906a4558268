// Package sandbox gives a cluster network, mount and PID namespaces of its own. When its first process ends, or the
// process that called [Run], the kernel ends every other and takes mounts, links and packet filter rules with them; what
// the kernel leaves, cgroups and the state folder, Run removes.
package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

// InitCommand is the first argument with which Run starts this program as the sandbox's first process; main must answer
// it with [Init].
const InitCommand = "sandbox-init"

// statePrefix begins the name of every state folder of DefaultState.
const statePrefix = "k8sorch-e2e-"

// DefaultState is a state folder that no other cluster uses.
func DefaultState() state.Dir {
	return state.Dir(filepath.Join(os.TempDir(), statePrefix+strconv.Itoa(os.Getpid())))
}

// Config is one sandbox.
type Config struct {
	// State is the cluster's folder. Run makes it and removes it.
	State state.Dir
	// HostAccess links the sandbox to the host: the node's address is reachable and the registry is on the host's
	// loopback, under the name it has inside. Only one such cluster can be up at a time.
	HostAccess bool
	// Logs, when not empty, is a folder that the logs are copied to at the end, into a folder named like State.
	Logs string
	// ControlPlane leaves out the node and the scheduler: pods stay as they are made, unless somebody says otherwise.
	ControlPlane bool
	// Scheduler leaves only the node out: pods are bound to the nodes that somebody makes.
	Scheduler bool
	// Tuned lifts the limits of the controller manager.
	Tuned bool
	// Command runs inside once the cluster is ready, and its end is the cluster's. None means: until a signal.
	Command []string
	// CgroupRoot is set by Run: the name of the cgroup for the cluster's pods.
	CgroupRoot string
}

// SecondCgroupRoot is the name of the cgroup for the pods of a second node.
func (c Config) SecondCgroupRoot() string { return filepath.Join(c.CgroupRoot, "second") }

// Run starts the sandbox, passes signals on to it, and returns its exit code once nothing of it is left.
func Run(cfg Config) (code int, err error) {
	// The sandbox dies with the thread that made it, so that thread has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	if err := sweep(cfg.State); err != nil {
		return 0, err
	}
	var undo cleanup
	defer func() { err = errors.Join(err, undo.run()) }()

	if err := prepare(&cfg, &undo); err != nil {
		return 0, err
	}
	return start(cfg)
}

// prepare makes on the host what the sandbox needs there.
func prepare(cfg *Config, undo *cleanup) error {
	undo.add(func() error { return os.RemoveAll(string(cfg.State)) })
	if err := cfg.State.Create(); err != nil {
		return fmt.Errorf("making the state folder: %w", err)
	}
	if cfg.Logs != "" {
		undo.add(func() error { return copyLogs(cfg.State, cfg.Logs) })
	}
	pid := strconv.Itoa(os.Getpid())
	if err := os.WriteFile(cfg.State.PIDFile(), []byte(pid+"\n"), 0o644); err != nil {
		return err
	}
	cfg.CgroupRoot = cgroupPrefix + pid
	undo.add(func() error { return removeCgroup(cfg.CgroupRoot) })
	for _, name := range []string{cfg.CgroupRoot, cfg.SecondCgroupRoot()} {
		if err := makeCgroup(name); err != nil {
			return err
		}
	}
	return makeMountPoints(undo)
}

func copyLogs(from state.Dir, to string) error {
	return os.CopyFS(filepath.Join(to, filepath.Base(string(from))), os.DirFS(from.Logs()))
}

// start runs the sandbox to its end.
func start(cfg Config) (int, error) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	cmd, release, err := clone()
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := open(ctx, cfg, cmd.Process.Pid, release); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return 0, err
	}
	go forwardSignals(ctx, signals, cmd.Process)
	if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
		return 0, fmt.Errorf("waiting for the sandbox: %w", err)
	}
	return ExitCode(cmd.ProcessState.Sys().(syscall.WaitStatus)), nil
}

// clone starts the sandbox's first process. It waits for its configuration on the returned pipe.
func clone() (*exec.Cmd, *os.File, error) {
	receive, release, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer receive.Close()
	cmd := exec.Command("/proc/self/exe", InitCommand)
	cmd.Args[0] = "kubenode"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{receive}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
		// Signals reach the sandbox through this process alone, not also from the terminal.
		Setpgid: true,
	}
	if err := cmd.Start(); err != nil {
		release.Close()
		return nil, nil, fmt.Errorf("making the namespaces: %w", err)
	}
	return cmd, release, nil
}

// open lets the sandbox begin, after linking it to the host where asked to.
func open(ctx context.Context, cfg Config, pid int, release *os.File) error {
	defer release.Close()
	if cfg.HostAccess {
		if err := linkToHost(pid); err != nil {
			return err
		}
		if err := serveRegistry(ctx); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(release).Encode(cfg); err != nil {
		return fmt.Errorf("configuring the sandbox: %w", err)
	}
	return nil
}

// forwardSignals asks the sandbox to stop; asked twice it does not wait any longer.
func forwardSignals(ctx context.Context, signals <-chan os.Signal, sandbox *os.Process) {
	for asked := 0; ; asked++ {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		if asked > 0 {
			sandbox.Kill()
			return
		}
		sandbox.Signal(syscall.SIGTERM)
	}
}
