package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// patience bounds what a test waits for. Pods start within seconds; the rest is for a machine that is busy.
const patience = 2 * time.Minute

// env is one test's place on the cluster: a namespace of its own.
type env struct {
	client     kubernetes.Interface
	config     *rest.Config
	kubeconfig string
	registry   string
	namespace  string
}

// enforceLabel is the label by which a namespace enforces a level of Pod Security.
const enforceLabel = "pod-security.kubernetes.io/enforce"

// newEnv makes a namespace that enforces Pod Security "restricted".
func newEnv(t *testing.T) *env {
	t.Helper()
	return newEnvEnforcing(t, "restricted")
}

// newEnvEnforcing makes a namespace that enforces a level of Pod Security, and waits until pods can be made in it. When
// the test ends the namespace goes; when the test has failed, what is in it is printed before.
func newEnvEnforcing(t *testing.T, level string) *env {
	t.Helper()
	e := &env{kubeconfig: os.Getenv(kubeconfigVariable), registry: os.Getenv(registryVariable)}
	var err error
	if e.config, err = clientcmd.BuildConfigFromFlags("", e.kubeconfig); err != nil {
		t.Fatal(err)
	}
	// Slower than this client-go's default of 5 requests a second would be the slowest part of a test.
	e.config.QPS, e.config.Burst = 100, 200
	if e.client, err = kubernetes.NewForConfig(e.config); err != nil {
		t.Fatal(err)
	}
	e.makeNamespace(t, level)
	return e
}

func (e *env) makeNamespace(t *testing.T, level string) {
	t.Helper()
	ns, err := e.client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: "k8sorch-e2e-",
		Labels:       map[string]string{enforceLabel: level},
		Annotations:  map[string]string{"k8sorch-e2e/test": t.Name()},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e.namespace = ns.Name
	t.Cleanup(func() {
		// t.Context() is over by now.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if t.Failed() {
			e.dump(ctx, t)
		}
		if err := e.client.CoreV1().Namespaces().Delete(ctx, e.namespace, metav1.DeleteOptions{}); err != nil {
			t.Errorf("deleting the namespace: %v", err)
		}
	})
	accounts := e.client.CoreV1().ServiceAccounts(e.namespace)
	waitFor(t, accounts, "default", func(*corev1.ServiceAccount) bool { return true })
}
