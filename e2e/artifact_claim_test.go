package e2e

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	kresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/cli"
)

// TestClaim keeps artifacts in a directory of a mounted claim.
func TestClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	volume := s.makeClaim(t, "shared")
	c := s.start(t, command{program: built(t, buildDiamond), args: []string{"--artifacts", "pvc://shared/some/artifacts"}})
	// The run succeeds, and the report asks for what this machine cannot reach.
	c.wantExit(t, cli.ExitFailed)
	wantText(t, c.stderr.String(), "which succeeded", `the result of step "source"`, "pvc://shared/some/artifacts", "the pods of the run only", "bucket")
	s.wantDiamondPods(t, true)
	if got := artifacts(t, filepath.Join(volume, "some", "artifacts")); got != 8 {
		t.Errorf("there are %d artifacts, want one for each step", got)
	}
}

// artifacts counts the files in a store that is a directory: there must be no other than artifacts.
func artifacts(t *testing.T, dir string) int {
	t.Helper()
	found := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// makeClaim makes a claim, and the volume that it is bound to: a directory of the node, which is this machine.
func (e *env) makeClaim(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	// The owner of a directory of the node is not changed for pods.
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	size := corev1.ResourceList{corev1.ResourceStorage: kresource.MustParse("1Gi")}
	modes := []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: e.namespace},
		Spec: corev1.PersistentVolumeSpec{
			Capacity: size, AccessModes: modes, PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
			ClaimRef:               &corev1.ObjectReference{Namespace: e.namespace, Name: name},
			PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: dir}},
		},
	}
	if _, err := e.client.CoreV1().PersistentVolumes().Create(t.Context(), volume, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.client.CoreV1().PersistentVolumes().Delete(context.Background(), volume.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("deleting the volume: %v", err)
		}
	})
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: modes, StorageClassName: new(""), VolumeName: volume.Name,
			Resources: corev1.VolumeResourceRequirements{Requests: size},
		},
	}
	if _, err := e.client.CoreV1().PersistentVolumeClaims(e.namespace).Create(t.Context(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir
}
