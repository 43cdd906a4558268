package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/org/k8sorch/e2e/cluster/internal/node"
	"github.com/org/k8sorch/e2e/cluster/internal/state"
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

// second becomes a program of the second node of the cluster whose folder is the first argument, inside of whose sandbox it
// is called. Nobody starts that program again when it ends.
func second(args []string) (int, error) {
	if len(args) != 2 {
		return 2, errors.New(usage)
	}
	n := node.Second(state.Dir(args[0]))
	components := map[string]func() supervise.Component{node.Containerd: n.ContainerdComponent, node.Kubelet: n.KubeletComponent}
	component, ok := components[args[1]]
	if !ok {
		return 2, fmt.Errorf("the second node has no program %q\n%s", args[1], usage)
	}
	command := component().Args
	program, err := exec.LookPath(command[0])
	if err != nil {
		return 0, err
	}
	return 0, syscall.Exec(program, command, os.Environ())
}
