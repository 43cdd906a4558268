package kube

import (
	"cmp"
	"context"
	"fmt"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// DecideStop makes the record that the run is stopped, for the reason that the message says, unless one stands. All who
// follow the run, the caller included, stop when they see it (see [Options]). It tries until that works or ctx ends.
//
// An orchestrator that decides on a stop by itself cannot ask for it as [RequestStop] does: it has no right to change its
// Job, with which it could change its own image and account.
func DecideStop(ctx context.Context, client kubernetes.Interface, ref Ref, p *plan.Plan, message string, logger *zap.Logger) error {
	_, err := untilDone(ctx, logger, "cannot record that the run is stopped", func() (struct{}, error) {
		return struct{}{}, newRecorder(client, ref, p).stop(ctx, message)
	})
	return err
}

// stop makes the record of a stop, unless one stands.
func (r recorder) stop(ctx context.Context, message string) error {
	cm, err := stopConfigMap(r.ref, record.Stop{Run: r.ref.Run, Message: message})
	if err != nil {
		return err
	}
	standing, err := r.make(ctx, cm)
	if err != nil {
		return err
	}
	if _, err := readStop(r.ref, standing); err != nil {
		return inTheWay(standing, err)
	}
	return nil
}

// stopConfigMap is the object of the record of a stop.
func stopConfigMap(ref Ref, stop record.Stop) (*corev1.ConfigMap, error) {
	return recordConfigMap(ref, ref.StopName(), RecordStop, record.StopFile, stop)
}

// readStop returns the record of a stop that an object holds, with the care that all records are read with.
func readStop(ref Ref, cm *corev1.ConfigMap) (record.Stop, error) {
	var s record.Stop
	if err := readRecord(ref, cm, RecordStop, record.StopFile, &s); err != nil {
		return record.Stop{}, err
	}
	if s.Run != ref.Run || cm.Name != ref.StopName() {
		return record.Stop{}, fmt.Errorf("it is of run %.100q", s.Run)
	}
	s.Message = cmp.Or(plain(s.Message, maxWaitingMessage), stopRequested)
	return s, nil
}
