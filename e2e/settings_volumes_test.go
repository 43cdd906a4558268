package e2e

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestVolumes has a step read a ConfigMap and a directory of its node, which no Pod Security level but "privileged"
// allows.
func TestVolumes(t *testing.T) {
	t.Parallel()
	e := newEnvEnforcing(t, "privileged")
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "greetings"}, Data: map[string]string{"text": "from a ConfigMap"}}
	if _, err := e.client.CoreV1().ConfigMaps(e.namespace).Create(t.Context(), config, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // The node is this machine.
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte("from the node"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := e.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		Volumes:      []corev1.Volume{configVolume("config", config.Name), hostVolume("node", dir)},
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/mnt/config"}, {Name: "node", MountPath: "/mnt/node", ReadOnly: true}},
	}}, lookingAt(t, []string{"/mnt/config/text", "/mnt/node/text"}, nil)...))
	c.wantExit(t, cli.ExitSucceeded)
	c.wantSeen(t, map[string]string{"/mnt/config/text": "from a ConfigMap", "/mnt/node/text": "from the node"}, nil)
}

func configVolume(name, config string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: config}},
	}}
}

func hostVolume(name, dir string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		HostPath: &corev1.HostPathVolumeSource{Path: dir, Type: new(corev1.HostPathDirectory)},
	}}
}
