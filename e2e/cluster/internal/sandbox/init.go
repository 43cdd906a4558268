package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// configFD is the file descriptor on which the sandbox receives its [Config]: the first of exec.Cmd.ExtraFiles.
const configFD = 3

// Init is the sandbox's first process: it gives the sandbox its own mounts, starts this program again with the first
// argument boot, which must call [Receive], passes signals on to it and reaps what others leave behind. It returns
// boot's exit code.
func Init(boot string) (int, error) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := setUpMounts(); err != nil {
		return 0, err
	}
	child, err := os.StartProcess("/proc/self/exe", []string{"kubenode", boot}, &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, os.NewFile(configFD, "config")},
	})
	if err != nil {
		return 0, fmt.Errorf("starting %s: %w", boot, err)
	}
	go func() {
		for s := range signals {
			child.Signal(s)
		}
	}()
	return reapUntil(child.Pid)
}

// Receive returns the sandbox's configuration. It blocks until the host side has done its part.
func Receive() (Config, error) {
	file := os.NewFile(configFD, "config")
	defer file.Close()
	var cfg Config
	if err := json.NewDecoder(file).Decode(&cfg); err != nil {
		return Config{}, fmt.Errorf("receiving the sandbox's configuration: %w", err)
	}
	return cfg, nil
}

// reapUntil collects every process that ends, orphans of others included, up to the given one.
func reapUntil(pid int) (int, error) {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, fmt.Errorf("waiting for children: %w", err)
		case ended == pid:
			return ExitCode(status), nil
		}
	}
}

// ExitCode is the code a shell would report.
func ExitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
