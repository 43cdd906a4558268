package main

import "testing"

func TestProcfs(t *testing.T) {
	t.Parallel()
	// The name of a process may be anything.
	stat := []byte("4242 (a) b (c) S 1 4242 4242 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 9 0 100 1000 200")
	if got := cpuIn(stat); got != 2 {
		t.Errorf("CPU time %g s, want 2", got)
	}
	if got := cpuIn(nil); got != 0 {
		t.Errorf("CPU time %g s of a process that is gone", got)
	}
	if got := peakIn("Name:\tx\nVmPeak:\t  99999 kB\nVmHWM:\t   30720 kB\nVmRSS:\t 1 kB\n"); got != 30 {
		t.Errorf("peak %g MB, want 30", got)
	}
	if got := peakIn(""); got != 0 {
		t.Errorf("peak %g MB of a process that is gone", got)
	}
}
