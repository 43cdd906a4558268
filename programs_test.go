package pipeline_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// hub is a registry that has an image to put programs on: a test binary that is linked dynamically needs one.
type hub struct {
	address, base string
	// pushes counts the images of the pipeline p that it was given.
	pushes atomic.Int64
}

func newHub(t *testing.T) *hub {
	t.Helper()
	h, served := &hub{}, registry.New()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/v2/p/manifests/") {
			h.pushes.Add(1)
		}
		served.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	h.address = strings.TrimPrefix(server.URL, "http://")
	ref, err := name.NewTag(h.address + "/base:1")
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: runtime.GOARCH})
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img); err != nil {
		t.Fatal(err)
	}
	h.base = ref.String()
	return h
}

// pushing returns an orchestrator that pushes this test's binary.
func (h *hub) pushing(c *k8sorchtest.Cluster, told func(pipeline.Event)) *pipeline.Orchestrator {
	return pipeline.NewOrchestrator(pipeline.Config{
		Namespace: k8sorchtest.Namespace, Registry: h.address, Platform: "linux/" + runtime.GOARCH, Args: []string{},
		Settings: pipeline.KubernetesOrchestratorSettings{BaseImage: &h.base},
	}, pipeline.WithClientset(c.Clientset()), pipeline.WithEvents(told))
}

// Runs that a service submits at once have one image, which is made once.
func TestRunsOfOneProcessShareTheirImage(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", answerIs(1)))
	c := k8sorchtest.New(t, p)
	h := newHub(t)
	var done atomic.Int64
	o := h.pushing(c, func(e pipeline.Event) {
		if e.Kind == pipeline.Transfer && strings.HasPrefix(e.Message, "pushed") {
			done.Add(1)
		}
	})
	const runs = 4
	var submitting sync.WaitGroup
	for range runs {
		submitting.Go(func() {
			if _, err := o.Run(c.Context(t.Context()), p); err != nil {
				t.Error(err)
			}
		})
	}
	submitting.Wait()
	if h.pushes.Load() != 1 || done.Load() != runs {
		t.Errorf("the image was pushed %d times and there for %d runs, want once, and for %d", h.pushes.Load(), done.Load(), runs)
	}
}

// Who gives up while another run's image is made does not wait for that.
func TestWaitForAnImageEndsWithTheContext(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", answerIs(1)))
	c := k8sorchtest.New(t, p)
	making, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	o := newHub(t).pushing(c, func(e pipeline.Event) {
		if e.Kind == pipeline.Transfer {
			once.Do(func() {
				close(making)
				<-release
			})
		}
	})
	first := make(chan error, 1)
	go func() {
		_, err := o.Run(c.Context(t.Context()), p)
		first <- err
	}()
	<-making
	ctx, cancel := context.WithCancelCause(c.Context(t.Context()))
	impatient := errors.New("impatient")
	time.AfterFunc(0, func() { cancel(impatient) })
	if _, err := o.Submit(ctx, p); !errors.Is(err, impatient) && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, impatient)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
