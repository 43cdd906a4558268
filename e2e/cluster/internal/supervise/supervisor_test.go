package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

func TestEndDuringBootFailsTheBoot(t *testing.T) {
	t.Parallel()
	ctx, fail := context.WithCancelCause(t.Context())
	s := New(newState(t), fail, func(string, ...any) {})
	if err := s.Start(Component{Name: "short-lived", Args: []string{"false"}}); err != nil {
		t.Fatal(err)
	}

	<-ctx.Done()
	var exit *ExitError
	if !errors.As(context.Cause(ctx), &exit) || exit.Component != "short-lived" {
		t.Errorf("got %v, want the end of short-lived", context.Cause(ctx))
	}
}

func TestRestartAfterBoot(t *testing.T) {
	t.Parallel()
	reports := make(chan string, 10)
	s := New(newState(t), func(err error) { t.Errorf("failed the boot: %v", err) }, func(format string, args ...any) {
		select {
		case reports <- fmt.Sprintf(format, args...):
		default:
		}
	})
	s.Booted()
	if err := s.Start(Component{Name: "restless", Args: []string{"sh", "-c", "exit 3"}}); err != nil {
		t.Fatal(err)
	}

	for range 2 {
		if got, want := <-reports, "restless ended: exit status 3, starting it again"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMissingProgram(t *testing.T) {
	t.Parallel()
	s := New(newState(t), func(error) {}, func(string, ...any) {})
	if err := s.Start(Component{Name: "nowhere", Args: []string{filepath.Join(t.TempDir(), "nowhere")}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the program does not exist", err)
	}
}

func newState(t *testing.T) state.Dir {
	t.Helper()
	dir := state.Dir(filepath.Join(t.TempDir(), "state"))
	if err := dir.Create(); err != nil {
		t.Fatal(err)
	}
	return dir
}
