package artifact_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

// asNobody runs f with the file rights of a user who owns nothing: root, who may everything, steps down for it.
func asNobody(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Geteuid() == 0 {
			_, _ = unix.SetfsuidRetUid(65534)
		}
		f()
	}()
	<-done
}

func TestDirForbidden(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "store")
	s := artifact.NewDir(root)
	digest, _ := put(t, s, root, []byte("x"))
	if err := os.Chmod(root, 0); err != nil {
		t.Fatal(err)
	}
	asNobody(func() { artifacttest.WantAllUnavailable(t, s, digest) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
}

const inNamespace = "K8SORCH_TEST_IN_NAMESPACE"

// inMountNamespace runs the calling test once more in a process that may mount, and returns true there.
func inMountNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), inNamespace+"=1")
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	output, err := command.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) {
		t.Skipf("this system gives no user namespaces: %v", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	return false
}

func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	mount := t.TempDir()
	if err := unix.Mount("tmpfs", mount, "tmpfs", 0, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(mount, unix.MNT_DETACH) })
	return mount
}

func TestDirFull(t *testing.T) {
	t.Parallel()
	if !inMountNamespace(t) {
		return
	}
	mount := mountTmpfs(t, "size=1m")
	s := artifact.NewDir(mount)
	put(t, s, mount, []byte("small"))
	large := make([]byte, 2<<20)
	_, err := artifact.WriteBytes(t.Context(), s, large)
	artifacttest.WantUnavailable(t, "WriteBytes", err)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v does not say that the disk is full", err)
	}
	if _, err := s.Stat(t.Context(), artifact.Sum(large)); !errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("Stat = %v, want ErrNotFound", err)
	}
	put(t, s, mount, []byte("another small one, in the room that was freed"))
}

func TestDirUnmounted(t *testing.T) {
	t.Parallel()
	if !inMountNamespace(t) {
		return
	}
	mount := mountTmpfs(t, "size=1m")
	s := artifact.NewDir(mount)
	digest, _ := put(t, s, mount, []byte("x"))
	if err := unix.Unmount(mount, 0); err != nil {
		t.Fatal(err)
	}
	artifacttest.WantAllUnavailable(t, s, digest)
	wantEmpty(t, mount)
}
