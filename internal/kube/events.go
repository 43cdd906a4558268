package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// WhyNoOrchestrator returns, for people, why the run's Job has no pod: quotas, admission and Pod Security speak in the
// Job's events only. It is empty when they say nothing.
func WhyNoOrchestrator(ctx context.Context, client kubernetes.Interface, ref Ref) (string, error) {
	return warningsAbout(ctx, client, ref.Namespace, "Job", ref.JobName(), ref.JobUID)
}

// WhyNotRunning returns, for people, what keeps a pod from running as far as only its events say so: volumes that do not
// mount, nodes that do not fit, images that do not come. It is empty when they say nothing.
func WhyNotRunning(ctx context.Context, client kubernetes.Interface, namespace, pod string, uid types.UID) (string, error) {
	return warningsAbout(ctx, client, namespace, "Pod", pod, uid)
}

// warningsAbout returns the last warning of each reason about an object, the newest first. Events go away after about
// an hour (the API server's --event-ttl), and they are no part of any decision.
func warningsAbout(ctx context.Context, client kubernetes.Interface, namespace, kind, name string, uid types.UID) (string, error) {
	selector := fields.Set{"involvedObject.kind": kind, "involvedObject.name": name, "type": corev1.EventTypeWarning}
	events, err := client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: selector.String()})
	if err != nil {
		return "", explain(fmt.Sprintf("reading the events of %s %s", kind, name), namespace, err)
	}
	about := slices.DeleteFunc(events.Items, func(e corev1.Event) bool {
		o := e.InvolvedObject
		// What an orchestrator has told is no reason why there is none.
		own := e.Source.Component == eventSource
		return own || o.Kind != kind || o.Name != name || e.Type != corev1.EventTypeWarning || uid != "" && o.UID != "" && o.UID != uid
	})
	slices.SortStableFunc(about, func(a, b corev1.Event) int { return lastSeen(b).Compare(lastSeen(a)) })
	var lines []string
	seen := map[string]bool{}
	for _, e := range about {
		if reason := word(e.Reason, "Warning"); !seen[reason] {
			seen[reason] = true
			message := plain(strings.TrimSpace(e.Message), maxWaitingMessage)
			lines = append(lines, reason+": "+message+enforcedLevel(ctx, client, namespace, message))
		}
	}
	return strings.Join(lines, "\n"), nil
}

// lastSeen is when an event happened last, in whichever of its fields its author filled in.
func lastSeen(e corev1.Event) time.Time {
	if e.Series != nil && !e.Series.LastObservedTime.IsZero() {
		return e.Series.LastObservedTime.Time
	}
	return cmp.Or(e.LastTimestamp.Time, e.EventTime.Time, e.FirstTimestamp.Time)
}
