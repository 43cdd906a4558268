package kube

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/record"
)

// maxRecord is the largest encoded record that is read, in bytes: more than any that was written, less than a ConfigMap
// can hold.
const maxRecord = 2 * record.MaxRunEnd

// resultConfigMap is the object of a step's result record, with the value when it is inline.
func resultConfigMap(ref Ref, result record.Result, value []byte) (*corev1.ConfigMap, error) {
	cm, err := stepRecord(ref, ResultName(ref.Run, result.Step), RecordResult, result.Step, record.ResultFile(result.Step), result)
	if err != nil {
		return nil, err
	}
	if result.Inline {
		cm.BinaryData = map[string][]byte{record.ValueFile(result.Step): value}
	}
	if result.Cache != nil {
		cm.Labels[LabelCacheKey] = cacheLabel(result.Cache.Key)
	}
	return cm, nil
}

// attemptConfigMap is the object of the record of an attempt.
func attemptConfigMap(ref Ref, a record.Attempt) (*corev1.ConfigMap, error) {
	return stepRecord(ref, AttemptName(ref.Run, a.Step, a.Attempt), RecordAttempt, a.Step, record.AttemptFile(a.Step, a.Attempt), a)
}

func stepRecord(ref Ref, name, kind, step, key string, content any) (*corev1.ConfigMap, error) {
	cm, err := recordConfigMap(ref, name, kind, key, content)
	if err == nil {
		cm.Labels[LabelStep] = step
	}
	return cm, err
}

func recordConfigMap(ref Ref, name, kind, key string, content any) (*corev1.ConfigMap, error) {
	encoded, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encoding record %s: %w", name, err)
	}
	cm := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Name:      name,
			Namespace: ref.Namespace,
			Labels:    overlaid(ref.Labels(), map[string]string{LabelRecord: kind}),
		},
		Immutable: new(true),
		Data:      map[string]string{key: string(encoded)},
	}
	ref.mark(&cm.ObjectMeta)
	return cm, nil
}

// readResult returns the result record that an object holds. Whoever may create ConfigMaps could have made it, so it is
// an error unless the object is this run's and says the same of itself everywhere.
func readResult(ref Ref, cm *corev1.ConfigMap) (record.Result, error) {
	var r record.Result
	step := cm.Labels[LabelStep]
	if err := readRecord(ref, cm, RecordResult, record.ResultFile(step), &r); err != nil {
		return record.Result{}, err
	}
	return r, checkResult(ref.Run, step, cm, r)
}

// checkResult compares what a result record says with the object that holds it. Only a value that was taken from another
// run is of no attempt.
func checkResult(run, step string, cm *corev1.ConfigMap, r record.Result) error {
	value, inline := cm.BinaryData[record.ValueFile(step)]
	least := 1
	if r.TakenFrom() != nil {
		least = 0
	}
	switch {
	case r.Run != run, r.Step != step, r.Attempt < least, cm.Name != ResultName(run, step):
		return fmt.Errorf("it is of attempt %d of step %.100q of run %.100q", r.Attempt, r.Step, r.Run)
	case r.Size < 0, r.Inline != inline, inline && int64(len(value)) != r.Size:
		return fmt.Errorf("its value has %d bytes, not %d", len(value), r.Size)
	}
	return nil
}

// readAttempt returns the record of an attempt that an object holds, with the same care.
func readAttempt(ref Ref, cm *corev1.ConfigMap) (record.Attempt, error) {
	var a record.Attempt
	step := cm.Labels[LabelStep]
	if len(cm.Data) != 1 {
		return record.Attempt{}, fmt.Errorf("it has %d keys, not one", len(cm.Data))
	}
	for key := range cm.Data {
		if err := readRecord(ref, cm, RecordAttempt, key, &a); err != nil {
			return record.Attempt{}, err
		}
	}
	if a.Run != ref.Run || a.Step != step || a.Attempt < 1 || cm.Name != AttemptName(ref.Run, step, a.Attempt) {
		return record.Attempt{}, fmt.Errorf("it is of attempt %d of step %.100q of run %.100q", a.Attempt, a.Step, a.Run)
	}
	switch a.Outcome {
	case record.Failed, record.Lost, record.NotStarted, record.Stopped:
		return a, nil
	}
	return record.Attempt{}, fmt.Errorf("it says that the attempt ended as %.100q", a.Outcome)
}

// ReadAttempt returns the record of an attempt; the error is NotFound where it has none.
func ReadAttempt(ctx context.Context, client kubernetes.Interface, ref Ref, step string, attempt int) (*record.Attempt, error) {
	cm, err := client.CoreV1().ConfigMaps(ref.Namespace).Get(ctx, AttemptName(ref.Run, step, attempt), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	a, err := readAttempt(ref, cm)
	return &a, err
}

func readRecord(ref Ref, cm *corev1.ConfigMap, kind, key string, into any) error {
	if cm.Labels[LabelRun] != ref.Run || cm.Labels[LabelRecord] != kind || !ref.owns(cm) {
		return fmt.Errorf("it is not a record of this run (%s=%q, %s=%q)", LabelRun, cm.Labels[LabelRun], LabelRecord, cm.Labels[LabelRecord])
	}
	return decodeRecord(cm, key, into)
}

func decodeRecord(cm *corev1.ConfigMap, key string, into any) error {
	encoded, ok := cm.Data[key]
	if !ok || len(encoded) > maxRecord {
		return fmt.Errorf("its key %s has %d bytes", key, len(encoded))
	}
	if err := json.Unmarshal([]byte(encoded), into); err != nil {
		return fmt.Errorf("decoding %s: %w", key, err)
	}
	return nil
}
