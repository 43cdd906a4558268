package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Load takes one look at the run, for those who do not [Cluster.Watch] it. The order of the two lists counts: an attempt
// whose pod is gone by then can write no record any more, so that none is missing in both.
func (c *Cluster) Load(ctx context.Context) error {
	ofRun := LabelRun + "=" + c.ref.Run + ","
	var pods *corev1.PodList
	var records *corev1.ConfigMapList
	err := persist(ctx, func(ctx context.Context) (err error) {
		pods, err = c.client.CoreV1().Pods(c.ref.Namespace).List(ctx, metav1.ListOptions{LabelSelector: ofRun + LabelStep})
		return err
	})
	if err == nil {
		err = persist(ctx, func(ctx context.Context) (err error) {
			records, err = c.client.CoreV1().ConfigMaps(c.ref.Namespace).List(ctx, metav1.ListOptions{LabelSelector: ofRun + recordSelector})
			return err
		})
	}
	if err != nil {
		return explain("reading run "+c.ref.Run, c.ref.Namespace, err)
	}
	if err := c.pods.Replace(pointers(pods.Items), pods.ResourceVersion); err != nil {
		return err
	}
	return c.records.Replace(pointers(records.Items), records.ResourceVersion)
}

// pointers returns the addresses of the items of a list, as a store takes them.
func pointers[T any](items []T) []any {
	all := make([]any, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}
