// Package nodes plays the part of kubelets that the scheduler and the node controllers see: Nodes that are ready and stay so.
package nodes

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

const (
	// count is how many Nodes there are.
	count = 50
	// pods is how many pods there is room for on each, 10,000 on all of them.
	pods = 200
	// renewal is how often a kubelet renews its Lease. Without that its Node gets a taint after 50 s, which is the default of the
	// controller manager's --node-monitor-grace-period.
	renewal = 10 * time.Second
	// often is how often it is asked whether the Nodes are without taints.
	often = 50 * time.Millisecond
)

// Start makes the Nodes, waits until pods can be bound to them, and keeps them so until ctx ends. Failed is told when that fails
// later.
func Start(ctx context.Context, client kubernetes.Interface, failed func(error)) error {
	for i := range count {
		if err := register(ctx, client, name(i)); err != nil {
			return fmt.Errorf("making %s: %w", name(i), err)
		}
	}
	go renewAll(ctx, client, failed)
	if err := wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) { return free(ctx, client) }); err != nil {
		return fmt.Errorf("waiting until the nodes are without taints: %w", err)
	}
	return nil
}

func name(i int) string { return fmt.Sprintf("node-%d", i) }

// register makes a Node and its Lease, as a kubelet does.
func register(ctx context.Context, client kubernetes.Interface, name string) error {
	if _, err := client.CoreV1().Nodes().Create(ctx, node(name), metav1.CreateOptions{}); err != nil {
		return err
	}
	_, err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Create(ctx, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity: &name, LeaseDurationSeconds: new(int32(40)), RenewTime: new(metav1.NowMicro()),
		},
	}, metav1.CreateOptions{})
	return err
}

// node returns a Node that is ready, and on which nothing is short but the room for pods.
func node(name string) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourcePods: *resource.NewQuantity(pods, resource.DecimalSI),
		corev1.ResourceCPU:  resource.MustParse("1000"), corev1.ResourceMemory: resource.MustParse("1Ti"),
		corev1.ResourceEphemeralStorage: resource.MustParse("1Ti"),
	}
	now := metav1.Now()
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}},
		Status: corev1.NodeStatus{
			Capacity: room, Allocatable: room,
			Conditions: []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", LastHeartbeatTime: now, LastTransitionTime: now,
			}},
		},
	}
}

// free tells whether all Nodes are without taints. Admission gives each the one of those that are not ready, and a controller
// takes it away.
func free(ctx context.Context, client kubernetes.Interface) (bool, error) {
	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}
	for _, node := range list.Items {
		if len(node.Spec.Taints) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// renewAll renews one Lease after the other, each as often as a kubelet would.
func renewAll(ctx context.Context, client kubernetes.Interface, failed func(error)) {
	turns := time.NewTicker(renewal / count)
	defer turns.Stop()
	for i := 0; ; i = (i + 1) % count {
		select {
		case <-ctx.Done():
			return
		case <-turns.C:
		}
		if err := renew(ctx, client, name(i)); err != nil && ctx.Err() == nil {
			failed(fmt.Errorf("renewing the lease of %s: %w", name(i), err))
			return
		}
	}
}

func renew(ctx context.Context, client kubernetes.Interface, name string) error {
	patch := fmt.Appendf(nil, `{"spec":{"renewTime":%q}}`, time.Now().UTC().Format(metav1.RFC3339Micro))
	_, err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}
