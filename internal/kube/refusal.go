package kube

import (
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/org/k8sorch/internal/engine"
)

// refuse turns the API server's answer to the creation of a pod into a refusal, where it is one. Everything else says
// nothing about the attempt and stays an error: outages, conflicts, a namespace that is going away (and the run with it).
func refuse(err error) error {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || Retryable(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return err
	}
	refusal := engine.Refusal{Message: plain(status.ErrStatus.Message, maxEndMessage)}
	switch {
	case accessDenied(err):
		// The right may be on its way: bindings take a moment to be known everywhere.
		refusal.Reason = "Forbidden"
	case apierrors.IsForbidden(err), isDenied(refusal.Message):
		refuseAdmission(&refusal)
	case tooLarge(err):
		refusal.Reason, refusal.Permanent = "TooLarge", true
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		refusal.Reason, refusal.Permanent = "Invalid", true
	default:
		return err
	}
	return &refusal
}

// isDenied tells the answers of webhooks and admission policies, whose status may be any.
func isDenied(message string) bool {
	return strings.Contains(message, "denied the request") || strings.Contains(message, "denied request")
}

// admissions are the plugins that say no, by their words: they have no other mark. Those that come first are more
// certain: a webhook's message may quote anything.
//
//   - k8s.io/apiserver/pkg/admission/plugin/webhook/errors, …/plugin/policy/validating
//   - k8s.io/pod-security-admission/admission
//   - k8s.io/apiserver/pkg/admission/plugin/resourcequota: a quota that is used up, or not yet counted, is waited for;
//     one that demands what the pod does not state is not.
//   - k8s.io/kubernetes/plugin/pkg/admission/serviceaccount: the account may be on its way.
//   - k8s.io/kubernetes/plugin/pkg/admission/limitranger
func admissions() []admission {
	return []admission{
		{"denied the request", engine.Refusal{Reason: "AdmissionDenied", Permanent: true}},
		{"denied request", engine.Refusal{Reason: "AdmissionDenied", Permanent: true}},
		{podSecurityWords, engine.Refusal{Reason: "PodSecurity", Permanent: true}},
		{"exceeded quota: ", engine.Refusal{Reason: "Quota", Queued: true}},
		{"status unknown for quota: ", engine.Refusal{Reason: "Quota", Queued: true}},
		{"failed quota: ", engine.Refusal{Reason: "Quota", Permanent: true}},
		{"error looking up service account ", engine.Refusal{Reason: "ServiceAccount"}},
		{"usage per ", engine.Refusal{Reason: "LimitRange", Permanent: true}},
		{"limit to request ratio per ", engine.Refusal{Reason: "LimitRange", Permanent: true}},
	}
}

type admission struct {
	words   string
	refusal engine.Refusal
}

func refuseAdmission(r *engine.Refusal) {
	for _, a := range admissions() {
		if strings.Contains(r.Message, a.words) {
			r.Reason, r.Permanent, r.Queued = a.refusal.Reason, a.refusal.Permanent, a.refusal.Queued
			return
		}
	}
	r.Reason, r.Permanent = "Admission", true
}
