package k8sorchtest

import (
	"bytes"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	fakerest "k8s.io/client-go/rest/fake"
)

// logClient is a fake clientset whose pods have logs of their own: to client-go's, the logs of all pods are one.
type logClient struct {
	*fake.Clientset
	logOf func(pod string) []byte
}

func (c logClient) CoreV1() corev1client.CoreV1Interface {
	return logCore{c.Clientset.CoreV1(), c.logOf}
}

type logCore struct {
	corev1client.CoreV1Interface
	logOf func(pod string) []byte
}

func (c logCore) Pods(namespace string) corev1client.PodInterface {
	return logPods{c.CoreV1Interface.Pods(namespace), c.logOf}
}

type logPods struct {
	corev1client.PodInterface
	logOf func(pod string) []byte
}

// GetLogs answers with what the pod has written so far, and ends there. The call is one of client-go's clientset in any case,
// for those who look at its actions; a pod that has written nothing has the log that all pods have there.
func (p logPods) GetLogs(pod string, options *corev1.PodLogOptions) *rest.Request {
	request := p.PodInterface.GetLogs(pod, options)
	log := p.logOf(pod)
	if len(log) == 0 {
		return request
	}
	client := &fakerest.RESTClient{
		NegotiatedSerializer: scheme.Codecs.WithoutConversion(), GroupVersion: corev1.SchemeGroupVersion, VersionedAPIPath: "/api/v1",
		Client: fakerest.CreateHTTPClient(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(log))}, nil
		}),
	}
	return client.Request()
}
