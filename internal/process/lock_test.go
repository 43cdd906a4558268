package process

import (
	"path/filepath"
	"sync"
	"testing"
)

// TestAskingTakesNoLockAway has somebody ask all the time whether a lock is held that another one takes again and again.
func TestAskingTakesNoLockAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	over := make(chan struct{})
	var asking sync.WaitGroup
	defer asking.Wait()
	defer close(over)
	asking.Go(func() {
		for !isClosed(over) {
			held(path)
		}
	})
	for range 500 {
		file, err := reacquire(path)
		if err != nil {
			t.Fatal(err)
		}
		release(file)
	}
}
