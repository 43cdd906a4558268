// Command strict is a pipeline whose client, orchestrator and steps ask the API server to refuse requests with fields
// that it does not know, and whose first step fails once.
package main

import (
	"context"
	"errors"
	"net/http"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

func main() {
	first := pipeline.Func0("first", failOnce).Retry(pipeline.Retry{MaxRetries: 1})
	second := pipeline.Func("second", func(_ context.Context, n int) (int, error) { return n + 1, nil }, first)
	cli.Main(pipeline.New("strict").Step(second), cli.With(strictClient()...))
}

func failOnce(ctx context.Context) (int, error) {
	if pipeline.AttemptInfo(ctx).Attempt == 1 {
		return 0, errors.New("not yet")
	}
	return 1, nil
}

// strictClient makes a client of $KUBECONFIG, or of the pod that this is. The probe of the program has neither.
func strictClient() []pipeline.Option {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return strict{next} })
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		panic(err)
	}
	return []pipeline.Option{pipeline.WithClientset(client)}
}

// strict adds strict validation to requests that write.
type strict struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (s strict) RoundTrip(request *http.Request) (*http.Response, error) {
	switch request.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		request = request.Clone(request.Context())
		query := request.URL.Query()
		query.Set("fieldValidation", metav1.FieldValidationStrict)
		request.URL.RawQuery = query.Encode()
	}
	return s.next.RoundTrip(request)
}
