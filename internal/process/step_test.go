//go:build darwin || linux

package process_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Names of environment variables of the processes that tests start.
const (
	envDoes  = "STEP_DOES"  // what a step does: one of the behaviours of package enginetest or those below
	envOwner = "TEST_OWNER" // the run that this process owns
	envHeir  = "TEST_HEIR"  // the file that this process locks
)

// stepMain is what the root package does in the role of a step, in short.
func stepMain(role reexec.Role) int {
	if err := process.DieWithParent(); err != nil {
		panic(err)
	}
	ctx, stop := attempt.NotifyTerm(context.Background())
	defer stop()
	committer := process.NewCommitter(role.Dir, nil)
	report := attempt.Work{
		Role: role, Func: function(role), Committer: committer, Store: process.DefaultStore(role.Dir),
	}.Run(ctx)
	if err := attempt.WriteReport(role, report); err != nil {
		panic(err)
	}
	return attempt.ExitCode(report)
}

func function(role reexec.Role) attempt.Func {
	does := os.Getenv(envDoes)
	special := map[string]func(reexec.Role) ([]byte, error){
		"look around": func(reexec.Role) ([]byte, error) { return lookAround() },
		"large value": func(reexec.Role) ([]byte, error) { return make([]byte, record.MaxInline+1), nil },
		"crash": func(reexec.Role) ([]byte, error) {
			return nil, syscall.Exec("/bin/sh", []string{"sh", "-c", "kill -USR1 $$"}, nil)
		},
		"panic aside": panicAside,
		"exit 75":     func(reexec.Role) ([]byte, error) { os.Exit(attempt.ExitLost); return nil, nil },
		"lie":         lie,
		"stubborn":    stubborn,
		"print":       printLines,
		"cache miss":  func(r reexec.Role) ([]byte, error) { return []byte(r.CacheMiss), nil },
		"have heir":   func(r reexec.Role) ([]byte, error) { return nil, haveHeir(r, &syscall.SysProcAttr{}) },
		"leave heir":  func(r reexec.Role) ([]byte, error) { return nil, startHeir(r, &syscall.SysProcAttr{}) },
		"lose heir":   func(r reexec.Role) ([]byte, error) { return nil, haveHeir(r, &syscall.SysProcAttr{Setsid: true}) },
		"commit and die": func(r reexec.Role) ([]byte, error) {
			_, err := process.NewCommitter(r.Dir, nil).Commit(context.Background(), resultOf(r, "early"), []byte("early"))
			if err != nil {
				return nil, err
			}
			return nil, die(syscall.SIGKILL)
		},
	}[does]
	if special == nil {
		return enginetest.Behaviour(does).Func(role.Step)
	}
	return func(context.Context, []attempt.Input) (attempt.Encode, error) {
		value, err := special(role)
		return func(_ context.Context, w io.Writer) error { _, err := w.Write(value); return err }, err
	}
}

// die ends this process by a signal, which may take a moment to arrive.
func die(by syscall.Signal) error {
	if err := syscall.Kill(os.Getpid(), by); err != nil {
		return err
	}
	select {}
}

func resultOf(r reexec.Role, value string) record.Result {
	return record.Result{
		Run: r.Run, Step: r.Step, Attempt: r.Attempt, UID: r.UID, Digest: string(artifact.Sum([]byte(value))),
		Size: int64(len(value)), Inline: true,
	}
}

// surroundings is what a step finds when it looks around.
type surroundings struct {
	Args, Env, Here []string
	Stdin           string
	Leads           bool // its process group
}

func lookAround() ([]byte, error) {
	s := surroundings{Args: os.Args[1:], Env: os.Environ(), Leads: syscall.Getpgrp() == os.Getpid()}
	here, err := os.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, entry := range here {
		s.Here = append(s.Here, entry.Name())
	}
	stdin, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	s.Stdin = string(stdin)
	for _, name := range []string{"HOME", "TMPDIR"} {
		if err := os.WriteFile(filepath.Join(os.Getenv(name), "file"), nil, 0o600); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s)
}

func panicAside(reexec.Role) ([]byte, error) {
	fmt.Println("about to go wrong")
	go func() { panic("in a goroutine of its own") }()
	select {}
}

// lie leaves something else than a report.
func lie(role reexec.Role) ([]byte, error) {
	if err := os.WriteFile(role.Report, bytes.Repeat([]byte(`{"result":{}}`), 1<<20), 0o600); err != nil {
		return nil, err
	}
	os.Exit(0)
	return nil, nil
}

// stubborn does not end when it is told to.
func stubborn(reexec.Role) ([]byte, error) {
	signal.Ignore(syscall.SIGTERM)
	fmt.Println("ready")
	select {}
}

func printLines(reexec.Role) ([]byte, error) {
	fmt.Println("to stdout")
	fmt.Fprintln(os.Stderr, "to stderr")
	fmt.Println(strings.Repeat("x", 200<<10))
	fmt.Print("no end of line")
	return nil, nil
}

// startHeir starts a process that goes on for ever, unless it is ended with the step's process group.
func startHeir(role reexec.Role, how *syscall.SysProcAttr) error {
	heir := exec.Command(os.Args[0])
	heir.Env = append(os.Environ(), envHeir+"="+heirLock(role.Dir))
	heir.SysProcAttr = how
	out, err := heir.StdoutPipe()
	if err != nil {
		return err
	}
	if err := heir.Start(); err != nil {
		return err
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	return err
}

// haveHeir starts such a process, and goes on for ever too.
func haveHeir(role reexec.Role, how *syscall.SysProcAttr) error {
	if err := startHeir(role, how); err != nil {
		return err
	}
	fmt.Println("ready")
	select {}
}

func heirLock(run string) string { return filepath.Join(run, "heir.lock") }

// heirMain holds a lock for as long as it lives, on a file that says who it is.
func heirMain(path string) int {
	file, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	if _, err := fmt.Fprint(file, os.Getpid()); err != nil {
		panic(err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		panic(err)
	}
	fmt.Println("locked")
	select {}
}
