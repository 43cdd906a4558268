package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"

	corev1 "k8s.io/api/core/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/image"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// Render returns, as YAML, every object that a run of the pipeline would create: the generated service accounts with
// their rights, the orchestrator Job, the plan, and the pod of each step's first attempt. It asks no cluster and pushes
// no image: an image that is made of this program is named without its digest. Owners are left out, because they are
// named by UIDs that nothing has yet, and so is the value of [Config.Token].
func (o *Orchestrator) Render(_ context.Context, p *Pipeline, opts ...RunOption) ([]byte, error) {
	s, namespace, err := o.unsubmitted(p, opts)
	if err != nil {
		return nil, err
	}
	if err := s.checkForKubernetes(); err != nil {
		return nil, err
	}
	objects, err := s.render(namespace)
	if err != nil {
		return nil, err
	}
	return kube.YAML(objects...)
}

// unsubmitted returns a submission that is only looked at, and the namespace that it would go to.
func (o *Orchestrator) unsubmitted(p *Pipeline, opts []RunOption) (*submission, string, error) {
	s, err := o.submission(p, opts)
	if err != nil {
		return nil, "", err
	}
	if err := s.check(); err != nil {
		return nil, "", err
	}
	namespace, err := s.namespace()
	return s, namespace, err
}

// namespace returns where the run would live, as far as that is known without asking a cluster.
func (s *submission) namespace() (string, error) {
	if !s.target().Named() {
		return cmp.Or(s.config.Namespace, corev1.NamespaceDefault), nil
	}
	conn, err := kube.Connect(s.target())
	if err != nil {
		return "", err
	}
	return conn.Namespace, nil
}

func (s *submission) render(namespace string) ([]kruntime.Object, error) {
	p, spec, err := s.specToCome(namespace)
	if err != nil {
		return nil, err
	}
	job, config, err := spec.Objects()
	if err != nil {
		return nil, err
	}
	return slices.Concat(
		s.surroundings(namespace), []kruntime.Object{job}, spec.TokenObjects(), []kruntime.Object{config}, s.pods(spec.Ref, p),
	), nil
}

// specToCome returns what would be submitted, with images that are not made yet.
func (s *submission) specToCome(namespace string) (*plan.Plan, kube.Submission, error) {
	images, err := s.imagesToCome()
	if err != nil {
		return nil, kube.Submission{}, err
	}
	return s.objects(namespace, images)
}

// surroundings are what is made before a run or a schedule where it is not there.
func (s *submission) surroundings(namespace string) []kruntime.Object {
	return slices.Concat(s.namespaceObjects(namespace), kube.AccountObjects(namespace, s.accounts()...))
}

// pods returns the pod of each step's first attempt.
func (s *submission) pods(ref kube.Ref, p *plan.Plan) []kruntime.Object {
	var pods []kruntime.Object
	makes := kube.NewPods(ref, p)
	for _, n := range s.design.nodes {
		if n.kind == graph.Step {
			pod := makes.Of(n.name, 1, 0)
			pod.OwnerReferences = nil
			delete(pod.Annotations, kube.AnnotationPlanUID)
			pods = append(pods, pod)
		}
	}
	return pods
}

// imagesToCome names the run's images without making them.
func (s *submission) imagesToCome() (map[imageSource]podImage, error) {
	platform, err := image.ParsePlatform(cmp.Or(s.config.Platform, "linux/"+runtime.GOARCH))
	if err != nil {
		return nil, err
	}
	images := map[imageSource]podImage{}
	for _, src := range s.imageSources() {
		switch {
		case src.image != "":
			images[src] = podImage{ref: src.image}
		case s.config.Registry == "":
			return nil, errNoRegistry
		default:
			images[src] = podImage{ref: fmt.Sprintf("%s/%s", s.config.Registry, s.design.name), platform: platform}
		}
	}
	return images, nil
}
