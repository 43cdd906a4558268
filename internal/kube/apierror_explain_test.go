package kube

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	terminating := apierrors.NewForbidden(podsResource, "p", errors.New("unable to create new content"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	call := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://10.0.0.1:6443/api/v1/x?limit=5", Err: err}
	}
	tests := []struct {
		name string
		err  error
		want []string
	}{
		{
			"a right", apierrors.NewForbidden(podsResource, "", errors.New(`User "ann" cannot create resource "pods" in API group "" in the namespace "team"`)),
			[]string{"creating x: ", `"ann"`, "cannot create", `"pods"`, `"team"`, "have the right granted"},
		},
		{"a namespace", apierrors.NewNotFound(corev1.Resource("namespaces"), "team"), []string{"kubectl create namespace team"}},
		{"a namespace that goes", terminating, []string{"namespace team is being deleted"}},
		{"credentials", apierrors.NewUnauthorized("expired"), []string{"log in again"}},
		{"size", apierrors.NewRequestEntityTooLargeError("limit is 3145728"), []string{"larger than the cluster stores"}},
		{"no way there", call(syscall.ECONNREFUSED), []string{"https://10.0.0.1:6443 cannot be reached", "connection refused"}},
		{"no answer", call(context.DeadlineExceeded), []string{"https://10.0.0.1:6443 cannot be reached", "no answer in time"}},
		{"a caller who gave up", call(context.Canceled), []string{"creating x: ", "context canceled"}},
		{"something else", errors.New("odd"), []string{"creating x: odd"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := explain("creating x", "team", test.err)
			cause := test.err
			if reaching, ok := errors.AsType[*url.Error](test.err); ok {
				cause = reaching.Err
			}
			if !errors.Is(got, cause) {
				t.Errorf("%v does not wrap %v", got, cause)
			}
			for _, want := range test.want {
				if !strings.Contains(got.Error(), want) {
					t.Errorf("%q does not say %q", got, want)
				}
			}
			if strings.Contains(got.Error(), "limit=5") {
				t.Errorf("%q quotes the request", got)
			}
		})
	}
	if err := explain("creating x", "team", nil); err != nil {
		t.Errorf("explain(nil) = %v", err)
	}
}
