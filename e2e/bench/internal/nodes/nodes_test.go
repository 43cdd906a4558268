package nodes

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// tainting returns a client of a cluster whose admission gives new Nodes a taint.
func tainting() kubernetes.Interface {
	client := fake.NewClientset()
	client.PrependReactor("create", "nodes", func(action clienttesting.Action) (bool, runtime.Object, error) {
		node := action.(clienttesting.CreateAction).GetObject().(*corev1.Node)
		node.Spec.Taints = []corev1.Taint{{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule}}
		return false, nil, nil
	})
	return client
}

// untaint takes the taints from all Nodes that are ready, and returns how many pods there is room for on these.
func untaint(t *testing.T, client kubernetes.Interface) (room int64) {
	t.Helper()
	list, err := client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range list.Items {
		if len(node.Status.Conditions) != 1 || node.Status.Conditions[0].Type != corev1.NodeReady {
			continue
		}
		room += node.Status.Allocatable.Pods().Value()
		node.Spec.Taints = nil
		if _, err := client.CoreV1().Nodes().Update(t.Context(), &node, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return room
}

func TestStartWaitsUntilTaintsAreGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, started := tainting(), make(chan error, 1)
		go func() { started <- Start(t.Context(), client, func(err error) { t.Error(err) }) }()
		time.Sleep(2 * often)
		select {
		case err := <-started:
			t.Errorf("the nodes have taints, and it is said that they are there: %v", err)
		default:
		}
		if room := untaint(t, client); room != 10_000 {
			t.Errorf("there is room for %d pods, want 10,000", room)
		}
		if err := <-started; err != nil {
			t.Error(err)
		}
	})
}

// TestLeasesAreRenewed looks at the Leases when those that nobody renews are older than a kubelet's ever are.
func TestLeasesAreRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		if err := Start(t.Context(), client, func(err error) { t.Error(err) }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(renewal + time.Second)
		synctest.Wait()
		leases, err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(leases.Items) != count {
			t.Errorf("%d leases, want %d", len(leases.Items), count)
		}
		for _, lease := range leases.Items {
			if age := time.Since(lease.Spec.RenewTime.Time); age > renewal {
				t.Errorf("%s was renewed %s ago", lease.Name, age)
			}
		}
	})
}

// TestLostLeaseIsTold deletes a Lease.
func TestLostLeaseIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, failed := fake.NewClientset(), make(chan error, 1)
		if err := Start(t.Context(), client, func(err error) { failed <- err }); err != nil {
			t.Fatal(err)
		}
		if err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Delete(t.Context(), name(7), metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := <-failed; err == nil {
			t.Error("nothing is said of it")
		}
	})
}
