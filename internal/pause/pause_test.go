package pause_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/pause"
)

func TestPausesGrowAndStayShort(t *testing.T) {
	t.Parallel()
	pauses := pause.Growing(200 * time.Millisecond)
	if first := pauses.NextBackOff(); first < 100*time.Millisecond || first > 300*time.Millisecond {
		t.Errorf("the first pause is %s, want 200ms, half of it more or less", first)
	}
	var longest time.Duration
	different := map[time.Duration]bool{}
	for range 1000 {
		next := pauses.NextBackOff()
		if next < 0 || next > pause.Max {
			t.Fatalf("a pause of %s, want at most %s", next, pause.Max)
		}
		longest = max(longest, next)
		different[next] = true
	}
	if longest < pause.Max/2 {
		t.Errorf("the longest pause is %s: they do not grow", longest)
	}
	if len(different) < 500 {
		t.Errorf("%d different pauses of 1000: they are not left to chance", len(different))
	}
}
