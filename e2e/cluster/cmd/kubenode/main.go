// Command kubenode is a whole single-node Kubernetes in one program: "kubenode up" boots it, and the first argument can
// also name the component to be. What it does not contain comes from the distribution: containerd, runc, CNI plugins.
package main

import (
	"fmt"
	"os"

	"github.com/org/k8sorch/e2e/cluster/internal/boot"
	"github.com/org/k8sorch/e2e/cluster/internal/sandbox"
)

// bootCommand is the first argument of the process that boots the cluster inside its sandbox.
const bootCommand = "sandbox-boot"

const usage = `usage: kubenode up [-state DIR] [-host-access] [-logs DIR] [-control-plane [-scheduler]] [-tuned] [-- COMMAND [ARG...]]
       kubenode second DIR containerd|kubelet`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	name := os.Args[1]
	// The components parse os.Args on their own.
	os.Args = os.Args[1:]
	if run, ok := components()[name]; ok {
		os.Exit(run())
	}
	code, err := run(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kubenode:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(name string) (int, error) {
	switch name {
	case "up":
		return up(os.Args[1:])
	case "second":
		return second(os.Args[1:])
	case sandbox.InitCommand:
		return sandbox.Init(bootCommand)
	case bootCommand:
		return boot.Run()
	default:
		return 2, fmt.Errorf("unknown command %q\n%s", name, usage)
	}
}
