package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/kube"
)

// historyPatience bounds what a submit spends on runs of the past.
const historyPatience = 30 * time.Second

// trimHistory deletes the runs beyond the limits of the settings. The new run is on the cluster by then, so that a failure
// is told and no more.
func (s *submission) trimHistory(ctx context.Context, r *clusterRun) {
	settings := s.runSettings()
	history := kube.History{Succeeded: settings.SuccessfulJobsHistoryLimit, Failed: settings.FailedJobsHistoryLimit}
	ctx, cancel := context.WithTimeout(ctx, historyPatience)
	defer cancel()
	if err := history.Trim(ctx, r.conn.Client, r.ref); err != nil {
		r.tracker.notice(fmt.Sprintf("old runs are kept beyond the history limits: %s "+
			"(deleting them takes the rights to list and delete Jobs; leave SuccessfulJobsHistoryLimit and FailedJobsHistoryLimit out to keep all runs)", err))
	}
}
