package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// work does what the process of a step does, whose function returns a number or fails, and returns its termination message and
// its exit code.
func (k *Kubelet) work(ctx context.Context, pod *corev1.Pod) (message string, code int, err error) {
	role, err := Role(pod)
	if err != nil {
		return "", 0, err
	}
	fails := role.Attempt <= k.Steps[role.Step].Fails
	does := one
	if fails {
		does = failing
	}
	report := attempt.Work{
		Role: role, Func: does, Committer: kube.NewCommitter(k.Client, kube.RefOf(role), k.Plan),
	}.Run(ctx)
	if report.Recorded == fails {
		return "", 0, fmt.Errorf("the result of attempt %d of step %s was recorded: %t: %+v", role.Attempt, role.Step, report.Recorded, report.End)
	}
	text, err := report.EncodeWithin(record.MaxReport)
	return string(text), attempt.ExitCode(report), err
}

// failing is the function of a step in an attempt that fails.
func failing(context.Context, []attempt.Input) (attempt.Encode, error) {
	return nil, errors.New("this attempt is to fail")
}

// one is a step's function that does nothing.
func one(context.Context, []attempt.Input) (attempt.Encode, error) {
	return func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "1")
		return err
	}, nil
}

// Role returns the role that the main container of a pod gets from its environment.
func Role(pod *corev1.Pod) (reexec.Role, error) {
	env := Environment(pod)
	return reexec.Parse(func(name string) string { return env[name] })
}

// Environment returns the variables that the main container of a pod finds.
func Environment(pod *corev1.Pod) map[string]string {
	env := map[string]string{}
	for _, container := range pod.Spec.Containers {
		if container.Name != kube.MainContainer {
			continue
		}
		for _, v := range container.Env {
			if env[v.Name] = v.Value; v.ValueFrom != nil && v.ValueFrom.FieldRef != nil {
				env[v.Name] = field(pod, v.ValueFrom.FieldRef.FieldPath)
			}
		}
	}
	return env
}

// field returns a field of the pod, of those that pods are told of.
func field(pod *corev1.Pod, path string) string {
	if path == "metadata.uid" {
		return string(pod.UID)
	}
	var label string
	if _, err := fmt.Sscanf(path, "metadata.labels['%s", &label); err != nil || len(label) < 2 {
		return ""
	}
	return pod.Labels[label[:len(label)-2]]
}
