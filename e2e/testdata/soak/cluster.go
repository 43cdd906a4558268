package main

import (
	"context"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// cluster is where the runs are deleted from.
type cluster struct {
	client    kubernetes.Interface
	namespace string
}

func connect() (*cluster, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	return &cluster{client: client, namespace: os.Getenv("NAMESPACE")}, err
}

// deleteRuns deletes every run, as a user would: its Job, and what belongs to that follows.
func (c *cluster) deleteRuns(ctx context.Context) error {
	background := metav1.DeletePropagationBackground
	return c.client.BatchV1().Jobs(c.namespace).DeleteCollection(ctx,
		metav1.DeleteOptions{PropagationPolicy: &background}, metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=k8sorch"})
}
