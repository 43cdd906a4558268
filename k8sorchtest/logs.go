package k8sorchtest

import (
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	restfake "k8s.io/client-go/rest/fake"
)

// clientset is a fake clientset by which logs can be followed: those of its own end at once, and whoever follows one then
// asks for it again and again. In virtual time that would never leave anything to wait for but the next time.
type clientset struct {
	*fake.Clientset
	cluster *Cluster
}

var _ kubernetes.Interface = clientset{}

func (c clientset) CoreV1() typedv1.CoreV1Interface {
	return coreClient{c.Clientset.CoreV1(), c.cluster}
}

type coreClient struct {
	typedv1.CoreV1Interface
	cluster *Cluster
}

func (c coreClient) Pods(namespace string) typedv1.PodInterface {
	return podClient{c.CoreV1Interface.Pods(namespace), c.cluster}
}

type podClient struct {
	typedv1.PodInterface
	cluster *Cluster
}

// GetLogs returns a request for a log. One that follows it lasts until the pod's process has ended. A pod that has written
// nothing has the log that all pods have with client-go's fake.
func (p podClient) GetLogs(name string, opts *corev1.PodLogOptions) *rest.Request {
	read, log := p.PodInterface.GetLogs(name, opts), p.cluster.logOf(name)
	client := &restfake.RESTClient{
		NegotiatedSerializer: scheme.Codecs.WithoutConversion(), GroupVersion: corev1.SchemeGroupVersion,
		Client: restfake.CreateHTTPClient(func(r *http.Request) (*http.Response, error) {
			body, err := readLog(r.Context(), read, log, p.cluster.endOf(name), opts.Follow)
			if err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
		}),
	}
	return client.Request()
}
