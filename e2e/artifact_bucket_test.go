package e2e

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"

	pipeline "github.com/org/k8sorch"
)

const (
	bucketURL = "s3://artifacts/e2e?region=us-east-1&use_path_style=true"
	// bucketEndpoint names the variable that tells the client of S3 where the server is: it is another place for pods
	// than for the process that a user starts.
	bucketEndpoint = "AWS_ENDPOINT_URL_S3"
	bucketPort     = 9000
	bucketSecret   = "bucket"
)

var buildS3 = sync.OnceValues(func() (string, error) { return build(".", "./testdata/s3") })

// bucket is an S3-compatible server in a pod, where all pods reach it whatever the cluster is like.
type bucket struct{ pod *corev1.Pod }

func (e *env) newBucket(t *testing.T) bucket {
	t.Helper()
	image := e.pushProgram(t, built(t, buildS3))
	pods := e.client.CoreV1().Pods(e.namespace)
	if _, err := pods.Create(t.Context(), bucketPod(image), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	credentials := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: bucketSecret},
		StringData: map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"},
	}
	if _, err := e.client.CoreV1().Secrets(e.namespace).Create(t.Context(), credentials, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return bucket{waitFor(t, pods, "bucket", isReady)}
}

func bucketPod(image string) *corev1.Pod {
	job := jobOf("bucket", image)
	pod := &corev1.Pod{ObjectMeta: job.ObjectMeta, Spec: job.Spec.Template.Spec}
	pod.Spec.Containers[0].ReadinessProbe = &corev1.Probe{
		PeriodSeconds: 1,
		ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(bucketPort)}},
	}
	return pod
}

func isReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// settings give the pods of steps access to the bucket.
func (b bucket) settings() pipeline.KubernetesOrchestratorSettings {
	secret := corev1.LocalObjectReference{Name: bucketSecret}
	endpoint := "http://" + net.JoinHostPort(b.pod.Status.PodIP, strconv.Itoa(bucketPort))
	return pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		Env:     []corev1.EnvVar{{Name: bucketEndpoint, Value: endpoint}},
		EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: secret}}},
	}}
}

// env gives this machine access to the bucket, through the API server, until the test ends.
func (b bucket) env(t *testing.T, e *env) []string {
	t.Helper()
	transport, upgrader, err := spdy.RoundTripperFor(e.config)
	if err != nil {
		t.Fatal(err)
	}
	to := e.client.CoreV1().RESTClient().Post().Namespace(e.namespace).Resource("pods").Name(b.pod.Name).SubResource("portforward").URL()
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, to)
	ready := make(chan struct{})
	forwarder, err := portforward.New(dialer, []string{":" + strconv.Itoa(bucketPort)}, t.Context().Done(), ready, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-failed:
		t.Fatalf("forwarding a port to the bucket: %v", err)
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		bucketEndpoint + "=http://127.0.0.1:" + strconv.Itoa(int(ports[0].Local)), "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret",
	}
}
