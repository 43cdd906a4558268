package process

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/reexec"
)

// child is an attempt that is a child of this process.
type child struct {
	key
	identity
	dir     attemptDir
	lock    *os.File
	miss    string        // why it is run though its step is cached
	removed chan struct{} // closed, under the cluster's lock, when the attempt is to be removed

	cmd      *exec.Cmd
	lifeline *os.File // the end of the child's lifeline that this process holds; it closes with this process
	output   *os.File // what the child writes
	tail     tail
}

// sighting is how the child looks from outside.
func (ch *child) sighting(phase engine.Phase) engine.Sighting {
	return engine.Sighting{Attempt: ch.attempt, UID: ch.UID, Phase: phase, Started: ch.Started}
}

func (ch *child) isRemoved() bool { return isClosed(ch.removed) }

// start executes the binary.
func (ch *child) start(c Config) error {
	room, err := makeRoom(ch.workspace())
	if err != nil {
		return err
	}
	ch.cmd = exec.Command(c.Executable, c.Args...) //nolint:noctx // it is told to end, and given time to
	ch.cmd.Dir = room.work
	ch.cmd.Env = environment(room, c.Env(ch.step), ch.role(c))
	ownGroup(ch.cmd)
	if err := ch.connect(); err != nil {
		_ = os.RemoveAll(ch.workspace())
		return err
	}
	return nil
}

func (ch *child) role(c Config) reexec.Role {
	return reexec.Role{
		Kind: reexec.Step, Run: c.Plan.Run, Pipeline: c.Plan.Graph.Pipeline, Step: ch.step, Attempt: ch.attempt, UID: ch.UID,
		Dir: c.Dir, Report: ch.dir.report(), Grace: c.Grace, Token: c.Token, CacheMiss: ch.miss,
	}
}

// connect starts the child with the files that tie it to this process.
func (ch *child) connect() error {
	lifeline, held, err := os.Pipe()
	if err != nil {
		return err
	}
	defer lifeline.Close()
	output, written, err := os.Pipe()
	if err != nil {
		return errors.Join(err, held.Close())
	}
	defer written.Close()
	ch.lifeline, ch.output = held, output
	ch.cmd.Stdout, ch.cmd.Stderr = written, written
	inherit(ch.cmd, lifeline, ch.lock)
	if err := ch.cmd.Start(); err != nil {
		return errors.Join(&execError{err}, held.Close(), output.Close())
	}
	return nil
}

// workspace is the directory, outside the run's, that holds what a child may write to.
func (id identity) workspace() string { return filepath.Join(os.TempDir(), "k8sorch-"+id.UID) }

// room are the directories that a child gets for itself.
type room struct{ work, home, tmp string }

func makeRoom(base string) (room, error) {
	r := room{work: filepath.Join(base, "work"), home: filepath.Join(base, "home"), tmp: filepath.Join(base, "tmp")}
	for _, dir := range []string{base, r.work, r.home, r.tmp} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return r, err
		}
	}
	return r, nil
}

// environment is all that a child gets to know: little of this process's own environment, so that a step which depends
// on more of it fails here already and not only in a pod. The role comes last, for nothing may override it.
func environment(r room, extra []string, role reexec.Role) []string {
	env := []string{"PATH=" + cmp.Or(os.Getenv("PATH"), "/usr/local/bin:/usr/bin:/bin"), "HOME=" + r.home, "TMPDIR=" + r.tmp, "TMP=" + r.tmp, "TEMP=" + r.tmp}
	for _, name := range []string{"LANG", "TZ"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, extra...)
	return append(env, role.Env()...)
}
