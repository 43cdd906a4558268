package kube

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

func readValue(t *testing.T, client kubernetes.Interface, result record.Result, store artifact.Store) (string, error) {
	t.Helper()
	in, err := ReadValue(t.Context(), client, testRef(), result, store)
	if err != nil {
		return "", err
	}
	content, err := in.Open(t.Context())
	if err != nil {
		return "", err
	}
	defer content.Close()
	value, err := io.ReadAll(content)
	return string(value), err
}

func TestReadValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inline := resultOf("load", []byte("42"))
		stored := inline
		stored.Inline = false
		store := artifact.NewDir(t.TempDir())
		if _, err := artifact.WriteBytes(t.Context(), store, []byte("42")); err != nil {
			t.Fatal(err)
		}
		client := newFakeAPI(resultObject(t, "load", []byte("42")))
		refuseOnce(client, "get", "configmaps", apierrors.NewServiceUnavailable("restarting"))
		for name, result := range map[string]record.Result{"beside the record": inline, "in the store": stored} {
			if got, err := readValue(t, client, result, store); got != "42" || err != nil {
				t.Errorf("%s: %q, %v, want 42", name, got, err)
			}
		}
	})
}

func TestReadValueThatIsWrong(t *testing.T) {
	t.Parallel()
	stored := resultOf("load", []byte("42"))
	stored.Inline = false
	other := func(cm *corev1.ConfigMap) *corev1.ConfigMap {
		cm.BinaryData[record.ValueFile("load")] = []byte("43")
		return cm
	}
	for name, test := range map[string]struct {
		client kubernetes.Interface
		result record.Result
		says   string
	}{
		"no record":     {newFakeAPI(), resultOf("load", []byte("42")), "not found"},
		"another value": {newFakeAPI(other(resultObject(t, "load", []byte("42")))), resultOf("load", []byte("42")), "checking the value"},
		"no store":      {newFakeAPI(), stored, "--artifacts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readValue(t, test.client, test.result, nil)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), `step "load"`) {
				t.Errorf("error %v, want it to name step load and %q", err, test.says)
			}
		})
	}
}
