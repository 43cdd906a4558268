package kube

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/org/k8sorch/internal/engine"
)

var podResource = schema.GroupResource{Resource: "pods"}

func forbidden(cause string) *apierrors.StatusError {
	return apierrors.NewForbidden(podResource, "load-1", errors.New(cause))
}

func statusError(code int32, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message}}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		err  error
		want engine.Refusal
	}{
		{
			"quota used up", forbidden("exceeded quota: compute, requested: cpu=2, used: cpu=8, limited: cpu=8"),
			engine.Refusal{Queued: true, Reason: "Quota"},
		}, {
			"quota not counted yet", forbidden("status unknown for quota: compute, resources: cpu"),
			engine.Refusal{Queued: true, Reason: "Quota"},
		}, {
			"quota demands what the pod does not say", forbidden("failed quota: compute: must specify limits.cpu for: main"),
			engine.Refusal{Permanent: true, Reason: "Quota"},
		}, {
			"pod security", forbidden(`violates PodSecurity "restricted:latest": privileged (container "main" must not set it)`),
			engine.Refusal{Permanent: true, Reason: "PodSecurity"},
		}, {
			"limit range", forbidden("[maximum memory usage per Container is 1Gi, but limit is 8Gi]"),
			engine.Refusal{Permanent: true, Reason: "LimitRange"},
		}, {
			"limit range's ratio", forbidden("cpu max limit to request ratio per Pod is 2, but provided ratio is 4.000000"),
			engine.Refusal{Permanent: true, Reason: "LimitRange"},
		}, {
			"webhook", statusError(http.StatusForbidden, "", `admission webhook "policy.example.org" denied the request: exceeded quota: of jokes`),
			engine.Refusal{Permanent: true, Reason: "AdmissionDenied"},
		}, {
			"webhook with a code of its own", statusError(http.StatusTeapot, "", `admission webhook "policy.example.org" denied the request: no coffee`),
			engine.Refusal{Permanent: true, Reason: "AdmissionDenied"},
		}, {
			"admission policy", statusError(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, `pods "load-1" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`),
			engine.Refusal{Permanent: true, Reason: "AdmissionDenied"},
		}, {
			"another plugin", forbidden("no PriorityClass with name urgent was found"),
			engine.Refusal{Permanent: true, Reason: "Admission"},
		}, {
			"service account missing", forbidden(`error looking up service account team/steps: serviceaccount "steps" not found`),
			engine.Refusal{Reason: "ServiceAccount"},
		}, {
			"no right", apierrors.NewForbidden(podResource, "", errors.New(`User "system:serviceaccount:team:mine" cannot create resource "pods" in API group "" in the namespace "team"`)),
			engine.Refusal{Reason: "Forbidden"},
		}, {
			"invalid", apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "load-1", nil),
			engine.Refusal{Permanent: true, Reason: "Invalid"},
		}, {
			"bad request", apierrors.NewBadRequest("unknown field"),
			engine.Refusal{Permanent: true, Reason: "Invalid"},
		}, {
			"too large", apierrors.NewRequestEntityTooLargeError("limit is 3145728"),
			engine.Refusal{Permanent: true, Reason: "TooLarge"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got *engine.Refusal
			if !errors.As(refuse(tt.err), &got) {
				t.Fatalf("%v is no refusal", tt.err)
			}
			tt.want.Message = tt.err.Error()
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoRefusal(t *testing.T) {
	t.Parallel()
	terminating := forbidden("unable to create new content in namespace team because it is being terminated")
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for _, err := range []error{
		errors.New("connection reset by peer"),
		fmt.Errorf("starting: %w", errors.New("unexpected EOF")),
		terminating,
		apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "team"),
		apierrors.NewUnauthorized("token expired"),
		apierrors.NewTooManyRequests("slow down", 1),
		apierrors.NewInternalError(errors.New(`failed calling webhook "policy.example.org": connection refused`)),
		statusError(http.StatusInternalServerError, metav1.StatusReasonInternalError, `admission webhook "policy.example.org" denied the request: broken`),
		apierrors.NewServerTimeout(podResource, "create", 1),
		apierrors.NewTimeoutError("etcd", 1),
		apierrors.NewServiceUnavailable("starting"),
		apierrors.NewConflict(schema.GroupResource{Resource: "resourcequotas"}, "compute", errors.New("the object has been modified")),
	} {
		if got := refuse(err); !errors.Is(got, err) {
			t.Errorf("refuse(%v) = %v, want the same error", err, got)
		}
	}
}
