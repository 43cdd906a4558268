package k8sorchtest

import (
	"io"
	"net/http"
	"strings"

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

// GetLogs returns a request for a log. One that follows it lasts until the pod's process has ended.
func (p podClient) GetLogs(name string, opts *corev1.PodLogOptions) *rest.Request {
	read := p.PodInterface.GetLogs(name, opts)
	if !opts.Follow {
		return read
	}
	client := &restfake.RESTClient{
		NegotiatedSerializer: scheme.Codecs.WithoutConversion(), GroupVersion: corev1.SchemeGroupVersion,
		Client: restfake.CreateHTTPClient(func(r *http.Request) (*http.Response, error) {
			written, err := read.DoRaw(r.Context())
			if err != nil {
				return nil, err
			}
			rest := untilEnd{end: p.cluster.endOf(name), gone: r.Context().Done()}
			body := io.MultiReader(strings.NewReader(string(written)), rest)
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
		}),
	}
	return client.Request()
}

// untilEnd is what is still to come of a log: nothing, until its process has ended or nobody reads any more.
type untilEnd struct{ end, gone <-chan struct{} }

func (u untilEnd) Read([]byte) (int, error) {
	select {
	case <-u.end:
	case <-u.gone:
	}
	return 0, io.EOF
}
