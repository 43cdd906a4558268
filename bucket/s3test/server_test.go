package s3test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	accessKey = "test-access-key"
	secretKey = "test-secret-key"
)

// server is a running Versity gateway over a directory.
type server struct {
	dir     string
	address string
	command *exec.Cmd
}

// startServer starts a gateway, which lives as long as t.
func startServer(t *testing.T) *server {
	t.Helper()
	s := &server{dir: t.TempDir(), address: freeAddress(t)}
	s.command = exec.Command(gateway(t), "--quiet", "--port", s.address, "--access", accessKey, "--secret", secretKey, "posix", s.dir)
	var log strings.Builder
	s.command.Stdout, s.command.Stderr = &log, &log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = s.command.Wait()
	}()
	t.Cleanup(func() {
		_ = s.command.Process.Signal(syscall.SIGTERM)
		<-exited
		if t.Failed() {
			t.Logf("gateway:\n%s", &log)
		}
	})
	if err := s.await(t.Context(), exited); err != nil {
		t.Fatalf("gateway: %v", err)
	}
	return s
}

// gateway builds the server, or takes it from the build cache, and returns its path.
func gateway(t *testing.T) string {
	t.Helper()
	path, err := exec.CommandContext(t.Context(), "go", "tool", "-n", "versitygw").Output()
	if err != nil {
		t.Fatalf("building the gateway: %v", err)
	}
	return strings.TrimSpace(string(path))
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// await returns when the server accepts connections.
func (s *server) await(ctx context.Context, exited <-chan struct{}) error {
	patience := backoff.NewExponentialBackOff(backoff.WithInitialInterval(10*time.Millisecond), backoff.WithMaxElapsedTime(time.Minute))
	return backoff.Retry(func() error {
		select {
		case <-exited:
			return backoff.Permanent(errors.New("it ended"))
		default:
		}
		connection, err := net.Dial("tcp", s.address)
		if err != nil {
			return err
		}
		return connection.Close()
	}, backoff.WithContext(patience, ctx))
}

// newBucket makes an empty bucket and returns its URL, with a prefix.
func (s *server) newBucket(t *testing.T) string {
	t.Helper()
	name := "bucket-" + strings.ToLower(rand.Text())
	if err := os.Mkdir(filepath.Join(s.dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}

func (s *server) url(bucket string) string {
	return fmt.Sprintf("s3://%s/some/prefix?region=us-east-1&use_path_style=true&endpoint=http://%s", bucket, s.address)
}

// kill ends the server as if its machine had lost power.
func (s *server) kill() { _ = s.command.Process.Kill() }

func bucketOf(url string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(url, "s3://"), "/")
	return name
}

// file returns where the gateway keeps an object of the bucket at storeURL.
func (s *server) file(storeURL, key string) string {
	return filepath.Join(s.dir, bucketOf(storeURL), "some", "prefix", key)
}
