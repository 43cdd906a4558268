//go:build programs

package e2e

// The programs below testdata are not part of ./..., so that go mod tidy does not see what they import.
import (
	_ "github.com/johannesboyne/gofakes3"
	_ "github.com/johannesboyne/gofakes3/backend/s3mem"

	_ "github.com/org/k8sorch/bucket"
	_ "github.com/org/k8sorch/cli"
)
