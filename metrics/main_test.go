package metrics_test

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// What delivers signals is made when they are first asked for. Made by a test in a bubble, it would be of use there only.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	signal.Stop(signals)
	goleak.VerifyTestMain(m)
}
