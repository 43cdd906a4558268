package pipeline

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/org/k8sorch/internal/kube"
)

// The defaults of a schedule. The limits are those of CronJobs
// (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits).
const (
	defaultTimeZone           = "UTC"
	defaultSuccessfulRunsKept = 3
	defaultFailedRunsKept     = 1
	minStartingDeadline       = 10
)

// The bounds of the default deadline. The CronJob controller gives up on a schedule without a deadline that has missed more than 100
// firings, and counts only those within the deadline on one that has it.
const (
	leastDefaultDeadline = 200 * time.Second
	mostDefaultDeadline  = time.Hour
)

func (s Schedule) zone() string { return cmp.Or(s.TimeZone, defaultTimeZone) }

// nameFor returns the name of a schedule of the pipeline.
func (s Schedule) nameFor(pipeline string) string {
	name := pipeline
	if s.Suffix != "" {
		name += "-" + s.Suffix
	}
	if len(name) <= kube.MaxScheduleName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	tail := "-" + hex.EncodeToString(sum[:])[:8]
	return strings.TrimRight(name[:kube.MaxScheduleName-len(tail)], "-") + tail
}

// check returns what is wrong with the schedule.
func (s Schedule) check() []Mistake {
	var found []Mistake
	add := func(field, text string) { found = append(found, Mistake{Pos: "Schedule." + field, Text: text}) }
	if problems := validation.IsDNS1123Label(s.Suffix); s.Suffix != "" && len(problems) > 0 {
		add("Suffix", fmt.Sprintf("%q cannot be a part of a name: %s", s.Suffix, strings.Join(problems, "; ")))
	}
	if _, err := s.recurrence(); err != nil {
		add("Cron", err.Error())
	}
	policies := []batchv1.ConcurrencyPolicy{"", batchv1.ForbidConcurrent, batchv1.AllowConcurrent, batchv1.ReplaceConcurrent}
	if !slices.Contains(policies, s.ConcurrencyPolicy) {
		add("ConcurrencyPolicy", fmt.Sprintf("there is no policy %q; give Forbid, Allow or Replace", s.ConcurrencyPolicy))
	}
	if d := s.StartingDeadline; d != nil && *d < minStartingDeadline {
		add("StartingDeadline", fmt.Sprintf("%d s is less than %d s, and the CronJob controller looks every 10 s: firings would be missed; "+
			"give more, or leave it out", *d, minStartingDeadline))
	}
	for field, limit := range s.limits() {
		if limit != nil && *limit < 0 {
			add(field, fmt.Sprintf("%d is less than 0; give the number of runs to keep, or leave it out", *limit))
		}
	}
	slices.SortStableFunc(found, func(a, b Mistake) int { return cmp.Compare(a.Pos, b.Pos) })
	return found
}

func (s Schedule) limits() map[string]*int {
	return map[string]*int{"SuccessfulRunsHistoryLimit": s.SuccessfulRunsHistoryLimit, "FailedRunsHistoryLimit": s.FailedRunsHistoryLimit}
}

// timing returns the schedule as Kubernetes has it, with everything that has a default written out: what Kubernetes would put there
// depends on the cluster.
func (s Schedule) timing(settings KubernetesOrchestratorSettings) batchv1.CronJobSpec {
	kept := func(given, setting *int, def int) *int32 {
		return new(int32(orDefault(given, orDefault(setting, def))))
	}
	return batchv1.CronJobSpec{
		Schedule: s.Cron, TimeZone: new(s.zone()), Suspend: s.Suspended,
		ConcurrencyPolicy:          cmp.Or(s.ConcurrencyPolicy, batchv1.ForbidConcurrent),
		StartingDeadlineSeconds:    new(int64(orDefault(s.StartingDeadline, s.defaultDeadline()))),
		SuccessfulJobsHistoryLimit: kept(s.SuccessfulRunsHistoryLimit, settings.SuccessfulJobsHistoryLimit, defaultSuccessfulRunsKept),
		FailedJobsHistoryLimit:     kept(s.FailedRunsHistoryLimit, settings.FailedJobsHistoryLimit, defaultFailedRunsKept),
	}
}

// defaultDeadline returns the deadline of a schedule that does not say one, in seconds.
func (s Schedule) defaultDeadline() int {
	r, err := s.recurrence()
	if err != nil {
		return int(leastDefaultDeadline.Seconds()) // the schedule is refused
	}
	return int(min(max(r.Interval(time.Now()), leastDefaultDeadline), mostDefaultDeadline).Seconds())
}
