package k8sorchtest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// naming is a pipeline whose step has these settings of its pod.
func naming(pod pipeline.KubernetesPodSettings) *pipeline.Pipeline {
	step := pipeline.Func0("train", func(context.Context) (int, error) { return 1, nil })
	return pipeline.New("naming").Step(step.Settings(pipeline.KubernetesOrchestratorSettings{
		PodSettings: &pod, PodFailureMaxRetries: new(0), PodStartupTimeout: new(60),
	}))
}

// keyVariable is a variable from a Secret.
func keyVariable(optional *bool) pipeline.KubernetesPodSettings {
	return pipeline.KubernetesPodSettings{Env: []corev1.EnvVar{{Name: "KEY", ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "key"}, Key: "a", Optional: optional},
	}}}}
}

func keySecret(key string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: k8sorchtest.Namespace, Name: "key"}, Data: map[string][]byte{key: []byte("x")}}
}

func TestPodThatNamesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	const created = "NotStarted, CreateContainerConfigError: "
	for name, test := range map[string]struct {
		pod    pipeline.KubernetesPodSettings
		there  *corev1.Secret
		want   []string
		events []string
	}{
		"a variable":          {keyVariable(nil), nil, []string{created + `secret "key" not found`}, nil},
		"a key":               {keyVariable(nil), keySecret("b"), []string{created + "couldn't find key a in Secret default/key"}, nil},
		"a variable that may": {keyVariable(new(true)), nil, nil, nil},
		"a variable that is":  {keyVariable(nil), keySecret("a"), nil, nil},
		"a set of variables": {
			pipeline.KubernetesPodSettings{EnvFrom: []corev1.EnvFromSource{{
				ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "all"}},
			}}},
			nil, []string{created + `configmap "all" not found`}, nil,
		},
		"a volume": {
			pipeline.KubernetesPodSettings{Volumes: []corev1.Volume{{
				Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "key"}},
			}}},
			nil, []string{"NotStarted, StartupTimeout: it did not start within 1m0s; last seen: ContainerCreating"},
			[]string{`FailedMount: MountVolume.SetUp failed for volume "v" : secret "key" not found`},
		},
		"a projected volume that may": {
			pipeline.KubernetesPodSettings{Volumes: []corev1.Volume{{
				Name: "v", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{
					ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "all"}, Optional: new(true)},
				}}}},
			}}},
			nil, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := naming(test.pod)
				c := k8sorchtest.New(t, p)
				if test.there != nil {
					create(t, c, test.there)
				}
				run, err := c.Run(t.Context(), p)
				if run == nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, ends(t, c, run.ID)); diff != "" {
					t.Errorf("ends (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.events, podWarnings(t, c)); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func create(t *testing.T, c *k8sorchtest.Cluster, secret *corev1.Secret) {
	t.Helper()
	if _, err := c.Clientset().CoreV1().Secrets(secret.Namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
}

// podWarnings returns the warnings about pods.
func podWarnings(t *testing.T, c *k8sorchtest.Cluster) (all []string) {
	t.Helper()
	events, err := c.Clientset().CoreV1().Events(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.Items {
		if e.InvolvedObject.Kind == "Pod" {
			all = append(all, e.Reason+": "+e.Message)
		}
	}
	return all
}

func TestPodGoesOnOnceThereIsWhatItNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := naming(keyVariable(nil))
		c := k8sorchtest.New(t, p)
		time.AfterFunc(20*time.Second, func() { create(t, c, keySecret("a")) })
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if took := run.Finished.Sub(run.Submitted); took < 20*time.Second {
			t.Errorf("the run took %s, want more than the 20s that the Secret was late", took)
		}
	})
}
