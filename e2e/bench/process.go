package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// usage is what a process has used so far.
type usage struct {
	// cpu are the seconds of CPU time, and peak the largest resident memory, in MB.
	cpu, peak float64
}

// process is one that has run.
type process struct {
	usage
	started time.Time
}

// glance is how often it is looked at the memory of a process whose end is not known before. Where there are many processes
// each has its turn less often: looking must not take the time that is measured.
func (r *run) glance() time.Duration { return 20 * time.Millisecond * time.Duration(max(r.AtOnce, 1)) }

// follow runs a process to its end. What it says goes to a file of the cluster's logs.
func (r *run) follow(cmd *exec.Cmd) (process, error) {
	log, err := os.CreateTemp(filepath.Join(r.state, "logs"), r.namespace+"-*.log")
	if err != nil {
		return process{}, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	p := process{started: time.Now()}
	if err := cmd.Start(); err != nil {
		return p, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			p.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
			if err != nil {
				err = fmt.Errorf("the orchestrator's process: %w: %s", err, tail(log.Name()))
			}
			return p, err
		case <-time.After(r.glance()):
			p.peak = max(p.peak, peakOf(cmd.Process.Pid))
		}
	}
}

// tail returns the end of a file.
func tail(path string) []byte {
	text, _ := os.ReadFile(path)
	return text[max(0, len(text)-2000):]
}

// peakOf returns the largest resident memory of a process in MB, 0 where it is gone.
func peakOf(pid int) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return peakIn(string(status))
}

func peakIn(status string) float64 {
	_, rest, _ := strings.Cut(status, "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib / 1024
}

// ticks are those of the kernel's clock in a second, in which /proc counts (USER_HZ, the same on all architectures of Linux).
const ticks = 100

// cpuIn reads the seconds of CPU time from a process's stat, the name in which may have spaces.
func cpuIn(stat []byte) float64 {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	a, _ := strconv.ParseFloat(fields[user], 64)
	b, _ := strconv.ParseFloat(fields[system], 64)
	return (a + b) / ticks
}

// components are the processes of the cluster whose use of the machine is measured.
func (l *lab) components() []string {
	all := []string{"etcd", "kube-apiserver", "kube-controller-manager"}
	if l.Series.Scheduler {
		all = append(all, "kube-scheduler")
	}
	return all
}

// usages returns what the cluster's processes and this one, which plays the kubelet, have used so far.
func (l *lab) usages() (map[string]usage, error) {
	pids := map[string]int{}
	for _, name := range l.components() {
		text, err := os.ReadFile(filepath.Join(l.state, "pids", name))
		if err != nil {
			return nil, err
		}
		if pids[name], err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			return nil, err
		}
	}
	if !l.Series.Node {
		pids["kubelet"] = os.Getpid()
	}
	all := map[string]usage{}
	for name, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return nil, err
		}
		all[name] = usage{cpu: cpuIn(stat), peak: peakOf(pid)}
	}
	return all, nil
}

// spent puts what was used between two looks, and by the orchestrator's processes, into a result.
func spent(result *figures.Result, processes []process, before, after map[string]usage) {
	result.CPU, result.Memory = map[string]float64{}, map[string]float64{}
	for name, then := range before {
		result.CPU[name], result.Memory[name] = after[name].cpu-then.cpu, after[name].peak
	}
	for _, p := range processes {
		result.CPU[figures.Orchestrator] += p.cpu
		result.Memory[figures.Orchestrator] = max(result.Memory[figures.Orchestrator], p.peak)
		if result.AtOnce > 0 {
			result.AllMemory += p.peak
		}
	}
}
