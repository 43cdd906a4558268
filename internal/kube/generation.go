package kube

import (
	"strconv"
	"strings"
)

// jobOf is the name of the Job of a run's generation, the first one being 1: each retry of the run is one more. Only the
// first has the run's id.
func jobOf(run string, generation int) string {
	if generation <= 1 {
		return run
	}
	return run + "-" + strconv.Itoa(generation)
}

// generation is the inverse of [jobOf]; 0 for the name of another Job.
func generation(run, job string) int {
	rest, ok := strings.CutPrefix(job, run)
	if !ok || run == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(rest, "-"))
	if rest == "" {
		n, err = 1, nil
	}
	if err != nil || jobOf(run, n) != job {
		return 0
	}
	return n
}
