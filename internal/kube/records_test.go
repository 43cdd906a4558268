package kube

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

func resultObject(t *testing.T, step string, value []byte) *corev1.ConfigMap {
	t.Helper()
	cm, err := resultConfigMap(testRef(), resultOf(step, value), value)
	if err != nil {
		t.Fatal(err)
	}
	return cm
}

func attemptObject(t *testing.T, step string, attempt int) *corev1.ConfigMap {
	t.Helper()
	cm, err := attemptConfigMap(testRef(), closingOf(step, attempt))
	if err != nil {
		t.Fatal(err)
	}
	return cm
}

func TestRecordsGolden(t *testing.T) {
	t.Parallel()
	stored := resultOf("train", []byte("large"))
	stored.Inline = false
	inStore, err := resultConfigMap(testRef(), stored, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := YAML(resultObject(t, "load", []byte("42")), inStore, attemptObject(t, "load", 3))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "records.yaml", got)
}

func TestReadResult(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"42", ""} {
		got, err := readResult(testRef(), resultObject(t, "load", []byte(value)))
		if err != nil {
			t.Errorf("value %q: %v", value, err)
		}
		if diff := cmp.Diff(resultOf("load", []byte(value)), got); diff != "" {
			t.Errorf("value %q: result (-want +got):\n%s", value, diff)
		}
	}
}

func TestReadAttempt(t *testing.T) {
	t.Parallel()
	got, err := readAttempt(testRef(), attemptObject(t, "load", 3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(closingOf("load", 3), got); diff != "" {
		t.Errorf("attempt (-want +got):\n%s", diff)
	}
}

func TestReadRecordsThatAreNone(t *testing.T) {
	t.Parallel()
	key, closedKey := record.ResultFile("load"), record.AttemptFile("load", 3)
	in := func(cm *corev1.ConfigMap, key, before, after string) {
		cm.Data[key] = strings.Replace(cm.Data[key], before, after, 1)
	}
	for name, change := range map[string]func(result, closed *corev1.ConfigMap){
		"of another run of the name": func(result, closed *corev1.ConfigMap) {
			result.OwnerReferences, closed.OwnerReferences = nil, []metav1.OwnerReference{{UID: "other"}}
		},
		"of another run": func(result, closed *corev1.ConfigMap) {
			result.Labels[LabelRun], closed.Labels[LabelRun] = "other", "other"
		},
		"of another kind": func(result, closed *corev1.ConfigMap) {
			result.Labels[LabelRecord], closed.Labels[LabelRecord] = RecordAttempt, RecordResult
		},
		"of another step by its label": func(result, closed *corev1.ConfigMap) {
			result.Labels[LabelStep], closed.Labels[LabelStep] = "train", "train"
		},
		"of another step by its content": func(result, closed *corev1.ConfigMap) {
			in(result, key, `"step":"load"`, `"step":"train"`)
			in(closed, closedKey, `"step":"load"`, `"step":"train"`)
		},
		"of another run by its content": func(result, closed *corev1.ConfigMap) {
			in(result, key, `"run":"train-7"`, `"run":"train-8"`)
			in(closed, closedKey, `"run":"train-7"`, `"run":"train-8"`)
		},
		"of no attempt": func(result, closed *corev1.ConfigMap) {
			in(result, key, `"attempt":1`, `"attempt":0`)
			in(closed, closedKey, `"attempt":3`, `"attempt":-3`)
		},
		"by another name": func(result, closed *corev1.ConfigMap) { result.Name, closed.Name = "mine", "mine" },
		"empty":           func(result, closed *corev1.ConfigMap) { result.Data, closed.Data = nil, nil },
		"broken": func(result, closed *corev1.ConfigMap) {
			result.Data[key], closed.Data[closedKey] = "{", "{"
		},
		"huge": func(result, closed *corev1.ConfigMap) {
			result.Data[key] += strings.Repeat(" ", maxRecord)
			closed.Data[closedKey] += strings.Repeat(" ", maxRecord)
		},
		"without the value, with too much": func(result, closed *corev1.ConfigMap) {
			result.BinaryData = nil
			closed.Data["more"] = ""
		},
		"of less than nothing": func(result, closed *corev1.ConfigMap) {
			result.BinaryData = nil
			in(result, key, `"size":2,"inline":true`, `"size":-2`)
			in(closed, closedKey, `"attempt":3`, `"attempt":4`)
		},
		"with a shorter value, with an outcome that is none": func(result, closed *corev1.ConfigMap) {
			result.BinaryData[record.ValueFile("load")] = []byte("4")
			in(closed, closedKey, `"outcome":"Failed"`, `"outcome":"Succeeded"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, closed := resultObject(t, "load", []byte("42")), attemptObject(t, "load", 3)
			change(result, closed)
			if got, err := readResult(testRef(), result); err == nil {
				t.Errorf("took it for the result %+v", got)
			}
			if got, err := readAttempt(testRef(), closed); err == nil {
				t.Errorf("took it for the attempt %+v", got)
			}
		})
	}
}

func TestCommitterRecordsOnce(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	committer := NewCommitter(client, testRef(), testPlan())
	first, second := resultOf("load", []byte("42")), resultOf("load", []byte("43"))
	second.Attempt = 2
	for _, r := range []struct {
		result record.Result
		value  string
	}{{first, "42"}, {second, "43"}, {first, "42"}} {
		got, err := committer.Commit(t.Context(), r.result, []byte(r.value))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("standing record (-want +got):\n%s", diff)
		}
	}
	cm, err := client.CoreV1().ConfigMaps("team").Get(t.Context(), "train-7-load-result", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(cm.BinaryData[record.ValueFile("load")]); got != "42" {
		t.Errorf("value %q stands, want the first one's", got)
	}
}

// lostAnswer is what a client gets when the connection breaks after the server has done what it was asked.
func lostAnswer() error { return errors.New("read tcp: connection reset by peer") }

func TestCommitterErrors(t *testing.T) {
	t.Parallel()
	records := schema.GroupResource{Resource: "configmaps"}
	for _, tt := range []struct {
		name                string
		err                 error
		noRights, permanent bool
	}{
		{"no right", apierrors.NewForbidden(records, "", errors.New("no")), true, false},
		{"not known", apierrors.NewUnauthorized("who?"), false, false},
		{"not known yet", apierrors.NewForbidden(records, "", errors.New("not yet ready to handle request")), false, false},
		{"invalid", apierrors.NewInvalid(schema.GroupKind{Kind: "ConfigMap"}, "x", nil), false, true},
		{"too large", apierrors.NewRequestEntityTooLargeError("no"), false, true},
		{"busy", apierrors.NewTooManyRequests("later", 1), false, false},
		{"starting", apierrors.NewServiceUnavailable("later"), false, false},
		{"etcd", apierrors.NewInternalError(errors.New("etcdserver: request timed out")), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI()
			refuseOnce(client, "create", "configmaps", tt.err)
			_, err := NewCommitter(client, testRef(), testPlan()).Commit(t.Context(), resultOf("load", nil), nil)
			if !errors.Is(err, tt.err) {
				t.Errorf("got %v, want it to hold %v", err, tt.err)
			}
			_, permanent := errors.AsType[attempt.Permanent](err)
			if errors.Is(err, attempt.ErrNoRights) != tt.noRights || permanent != tt.permanent {
				t.Errorf("%v: no rights %v and permanent %v, want %v and %v", err, errors.Is(err, attempt.ErrNoRights), permanent, tt.noRights, tt.permanent)
			}
		})
	}
}

func TestCommitterMeetsWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	cm := resultObject(t, "load", []byte("42"))
	cm.OwnerReferences = nil
	_, err := NewCommitter(newFakeAPI(cm), testRef(), testPlan()).Commit(t.Context(), resultOf("load", []byte("42")), []byte("42"))
	if _, permanent := errors.AsType[attempt.Permanent](err); !permanent || !strings.Contains(err.Error(), "train-7-load-result") {
		t.Errorf("got %v, want a permanent error that names the object", err)
	}
}

// FuzzReadRecords feeds records that anyone who may create ConfigMaps could have made.
func FuzzReadRecords(f *testing.F) {
	for _, seed := range []string{
		`{"run":"train-7","step":"load","attempt":1,"size":2,"inline":true}`,
		`{"run":"train-7","step":"load","attempt":1,"size":-1}`,
		`{"run":"train-7","step":"load","attempt":3,"outcome":"Failed"}`,
	} {
		f.Add(seed, []byte("42"))
	}
	f.Fuzz(func(t *testing.T, content string, value []byte) {
		result, closed := resultObject(t, "load", nil), attemptObject(t, "load", 3)
		result.Data[record.ResultFile("load")], closed.Data[record.AttemptFile("load", 3)] = content, content
		result.BinaryData[record.ValueFile("load")] = value
		if r, err := readResult(testRef(), result); err == nil && (r.Run != "train-7" || r.Step != "load" || r.Size != int64(len(value))) {
			t.Errorf("took %+v for the result of load with %d bytes", r, len(value))
		}
		if a, err := readAttempt(testRef(), closed); err == nil && (a.Run != "train-7" || a.Step != "load" || a.Attempt != 3) {
			t.Errorf("took %+v for the record of attempt 3 of load", a)
		}
	})
}
