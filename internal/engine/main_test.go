package engine_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if *withReport {
			figures.write(os.Stdout)
		}
		os.Exit(code)
	}))
}
