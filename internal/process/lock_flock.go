//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package process

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// acquire makes the file and locks it. The lock lasts until it is released, or every process that has the returned file
// is gone.
func acquire(path string) (*os.File, error) { return lock(path, os.O_EXCL) }

// reacquire locks the file, which may be there; the error is errLocked where somebody else has locked it. Those who only ask
// ([held]) have it for a moment each, which is waited out.
func reacquire(path string) (*os.File, error) {
	const tries, between = 20, 5 * time.Millisecond
	for range tries {
		file, err := lock(path, 0)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return file, err
		}
		time.Sleep(between)
	}
	return nil, errLocked
}

func lock(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|flags, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// release gives up the lock. Closing alone would not do at once: a process that is just being forked has the file too,
// until it executes its binary.
func release(lock *os.File) {
	_ = syscall.Flock(int(lock.Fd()), syscall.LOCK_UN)
	_ = lock.Close()
}

// held tells whether somebody holds the lock. It asks for a shared one, so that those who ask do not see each other.
func held(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
