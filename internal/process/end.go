package process

import (
	"fmt"
	"path/filepath"

	"github.com/org/k8sorch/internal/record"
)

// DecideEnd makes the record of how the run in dir ended, unless one stands, and returns the one that does.
func DecideEnd(dir string, end record.RunEnd) (record.RunEnd, error) {
	standing, err := makeRecord(filepath.Join(dir, record.EndFile), end.Bounded())
	if err != nil {
		return record.RunEnd{}, fmt.Errorf("recording how the run ended: %w", err)
	}
	return standing, nil
}
