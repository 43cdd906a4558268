package e2e

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// Names of the cluster's parts.
const (
	apiServer = "kube-apiserver"
	etcd      = "etcd"
)

// requireParts skips the test where the cluster's parts are out of reach.
func requireParts(t *testing.T) {
	t.Helper()
	if os.Getenv(stateVariable) == "" {
		t.Skip("the parts of this cluster are not processes of this machine")
	}
}

// part returns the process id of a part of the cluster; 0 while it does not run. It is looked up by its command line, in
// which there are its name and the cluster's folder: the process ids in that folder are those inside the cluster.
func part(t *testing.T, name string) int {
	t.Helper()
	return firstOf(processes(t, func(p process) bool {
		line := p.read("cmdline")
		args := bytes.Split(line, []byte{0})
		return len(args) > 1 && string(args[1]) == name && bytes.Contains(line, []byte("="+os.Getenv(stateVariable)+"/"))
	}))
}

// hang stops a part of the cluster for some time: its connections stay, and nobody answers.
func hang(t *testing.T, name string, d time.Duration) {
	t.Helper()
	pid := part(t, name)
	if pid == 0 {
		t.Fatalf("%s does not run", name)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(pid, syscall.SIGCONT)
	<-time.After(d)
}

// down kills a part of the cluster, and again whenever it is started again, for some time.
func down(t *testing.T, name string, d time.Duration) {
	t.Helper()
	over := time.After(d)
	for {
		if pid := part(t, name); pid != 0 {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Fatal(err)
			}
		}
		select {
		case <-over:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}
