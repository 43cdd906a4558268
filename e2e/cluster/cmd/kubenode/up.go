package main

import (
	"flag"
	"os/exec"
	"path/filepath"

	"github.com/org/k8sorch/e2e/cluster/internal/sandbox"
	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

// up boots a cluster in a sandbox and returns the exit code of the command it was to run.
func up(args []string) (int, error) {
	flags := flag.NewFlagSet("kubenode up", flag.ExitOnError)
	dir := flags.String("state", string(sandbox.DefaultState()), "`folder` for everything the cluster writes; removed at the end")
	hostAccess := flags.Bool("host-access", false, "let the host reach the API server and the registry")
	logs := flags.String("logs", "", "`folder` to copy the components' logs to at the end")
	controlPlane := flags.Bool("control-plane", false, "no node: only etcd, the API server and the controller manager, and an audit log that no request waits for")
	scheduler := flags.Bool("scheduler", false, "with -control-plane, the scheduler as well; its nodes are somebody else's to make")
	tuned := flags.Bool("tuned", false, "a controller manager that makes 1000 requests a second, 2000 at once, and looks after 20 Jobs at a time")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	abs, err := filepath.Abs(*dir)
	if err != nil {
		return 2, err
	}
	if command := flags.Args(); len(command) > 0 {
		if _, err := exec.LookPath(command[0]); err != nil {
			return 2, err
		}
	}
	return sandbox.Run(sandbox.Config{
		State:        state.Dir(abs),
		HostAccess:   *hostAccess,
		Logs:         *logs,
		ControlPlane: *controlPlane,
		Scheduler:    *scheduler,
		Tuned:        *tuned,
		Command:      flags.Args(),
	})
}
