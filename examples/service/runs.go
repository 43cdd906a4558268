package main

import (
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	pipeline "github.com/org/k8sorch"
)

// runList returns the ids of the runs that are on the cluster.
type runList func(context.Context) ([]string, error)

// runsOf lists the runs of a pipeline by the labels on their Jobs.
func runsOf(client kubernetes.Interface, namespace string, p *pipeline.Pipeline) runList {
	return func(ctx context.Context) ([]string, error) {
		jobs, err := client.BatchV1().Jobs(namespace).List(ctx, metav1.ListOptions{LabelSelector: "pipeline=" + p.Name()})
		if err != nil {
			return nil, fmt.Errorf("listing runs: %w", err)
		}
		ids := []string{}
		for _, job := range jobs.Items {
			ids = append(ids, job.Labels["run"])
		}
		slices.Sort(ids)
		return slices.Compact(ids), nil
	}
}
