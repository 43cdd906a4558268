package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// submit submits one run, as users do.
func (r *run) submit(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, r.program, "-shape", r.Shape)
	cmd.Env = append(os.Environ(), "NAMESPACE="+r.namespace, "E2E_SETTINGS="+r.settings())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("submitting the run: %w", err)
	}
	r.ids = append(r.ids, strings.TrimSpace(string(out)))
	return nil
}

const rightlessAccount = "bench-nobody"

func (r *run) settings() string {
	switch {
	case !r.Series.Node:
		return "image: " + noImage
	case r.System == figures.Floor:
		return "orchestrator_pod_settings: {scheduler_name: " + noScheduler + "}"
	case r.Access == figures.Rightless:
		return "step_pod_service_account_name: " + rightlessAccount
	case r.Access == figures.FromEnv:
		return "step_account_token_in_env: true"
	}
	return ""
}

// noScheduler is a scheduler that there is not: no node gets the pod of an orchestrator in whose place something else is to run.
const noScheduler = "bench-nobody"

// heldOrchestrator returns the pod of an orchestrator that no node gets.
func (r *run) heldOrchestrator(ctx context.Context) (pod *corev1.Pod, err error) {
	selector := kube.LabelRun + "=" + r.ids[len(r.ids)-1] + "," + kube.LabelRole + "=" + string(reexec.Orchestrator)
	err = wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
		pods, err := r.client.CoreV1().Pods(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil || len(pods.Items) == 0 {
			return false, err
		}
		pod = &pods.Items[0]
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for the orchestrator's pod: %w", err)
	}
	return pod, nil
}

// makeRightless makes the account whose pods get no token.
func (r *run) makeRightless(ctx context.Context) error {
	_, err := r.client.CoreV1().ServiceAccounts(r.namespace).Create(ctx, &corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Name: rightlessAccount}, AutomountServiceAccountToken: new(false),
	}, metav1.CreateOptions{})
	return err
}

// submitAndWait submits the run to a cluster with a node and waits for its end.
func (r *run) submitAndWait(ctx context.Context) ([]process, error) {
	if err := r.submit(ctx); err != nil {
		return nil, err
	}
	id := r.ids[0]
	err := wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
		job, err := r.client.BatchV1().Jobs(r.namespace).Get(ctx, id, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, c := range job.Status.Conditions {
			if c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue {
				return false, fmt.Errorf("the run has failed: %s", c.Message)
			}
		}
		// It has the image that was made of the program, which the Jobs of stand-ins have as well.
		r.image = job.Spec.Template.Spec.Containers[0].Image
		return job.Status.Succeeded > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for the end of run %s: %w", id, err)
	}
	return nil, nil
}

// beginnings returns when the functions of a run's steps began, as their records say.
func (r *run) beginnings(ctx context.Context, id string) (map[string]time.Time, error) {
	selector := kube.LabelRun + "=" + id + "," + kube.LabelRecord + "=" + kube.RecordResult
	records, err := r.client.CoreV1().ConfigMaps(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	begun := map[string]time.Time{}
	for _, cm := range records.Items {
		var result record.Result
		step := cm.Labels[kube.LabelStep]
		if err := json.Unmarshal([]byte(cm.Data[record.ResultFile(step)]), &result); err != nil {
			return nil, fmt.Errorf("reading the record of step %s: %w", step, err)
		}
		begun[step] = result.Started
	}
	return begun, nil
}
