package k8sorchtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
	"github.com/org/k8sorch/internal/standin"
)

// runPods does what the kubelet does for the pods of steps. Those of orchestrators are run by whoever made them.
func (c *Cluster) runPods() {
	w, err := c.client.CoreV1().Pods(Namespace).Watch(c.tb.Context(), metav1.ListOptions{})
	if err != nil {
		c.tb.Fatalf("watching pods: %v", err)
	}
	c.serve(w, func(e watch.Event) {
		pod, ok := e.Object.(*corev1.Pod)
		if !ok || pod.Labels[kube.LabelRole] != string(reexec.Step) {
			return
		}
		switch e.Type {
		case watch.Added:
			c.work.Go(func() { c.startPod(pod) })
		case watch.Deleted:
			c.stopPod(pod.UID)
		}
	})
}

// startPod runs a pod, unless something holds it back, once there is what it names.
func (c *Cluster) startPod(pod *corev1.Pod) {
	if h := c.holdBack(pod); h != nil {
		c.setStatus(pod, func(status *corev1.PodStatus) { h.wait.DeepCopyInto(status) })
		return
	}
	if c.furnish(pod) {
		c.runPod(pod)
	}
}

// runPod plays the pod's role in this process and returns the exit code.
func (c *Cluster) runPod(pod *corev1.Pod) int {
	ctx, cancel := context.WithCancelCause(c.tb.Context())
	defer cancel(nil)
	end := c.begin(pod, func() { cancel(pipeline.ErrTerminated) })
	defer end()
	dir, err := os.MkdirTemp("", "k8sorchtest-")
	if err != nil {
		c.tb.Errorf("running pod %s: %v", pod.Name, err)
		return -1
	}
	defer os.RemoveAll(dir)
	role, err := c.role(pod, dir)
	if err == nil {
		err = c.mount(pod, role.Dir)
	}
	if err != nil {
		c.tb.Errorf("running pod %s: %v", pod.Name, err)
		return -1
	}
	c.setRunning(pod)
	code := c.play(c.withLog(ctx, pod.Name), role)
	c.setTerminated(pod, code, role.Report)
	return code
}

// play calls the library as main in the pod would.
func (c *Cluster) play(ctx context.Context, role reexec.Role) (code int) {
	o := newOrchestrator(c.client, c.podOptions(pipeline.WithExit(func(c int) { code = c }))...)
	ctx = standin.NewContext(reexec.NewContext(ctx, role), c.standIns(role.Pipeline))
	if err := o.Dispatch(ctx, c.pipelines...); err != nil {
		c.tb.Errorf("playing the %s of run %s: %v", role.Kind, role.Run, err)
		return -1
	}
	return code
}

// role reads the role from the variables of the pod's main container, and puts its files below dir.
func (c *Cluster) role(pod *corev1.Pod, dir string) (reexec.Role, error) {
	env := map[string]string{}
	for _, v := range pod.Spec.Containers[0].Env {
		switch {
		case v.ValueFrom == nil:
			// As the kubelet reads it. None of the library's values is a reference.
			env[v.Name] = strings.ReplaceAll(v.Value, "$$", "$")
		case v.ValueFrom.FieldRef != nil:
			env[v.Name] = field(pod, v.ValueFrom.FieldRef.FieldPath)
		case v.ValueFrom.SecretKeyRef != nil:
			value, err := c.secret(pod.Namespace, v.ValueFrom.SecretKeyRef)
			if err != nil {
				return reexec.Role{}, err
			}
			env[v.Name] = value
		}
	}
	role, err := reexec.Parse(func(name string) string { return env[name] })
	role.Dir, role.Report = filepath.Join(dir, "run"), filepath.Join(dir, "report")
	return role, err
}

// field returns a field of the pod, as the downward API has it; empty for one that this kubelet does not know.
func field(pod *corev1.Pod, path string) string {
	if path == "metadata.uid" {
		return string(pod.UID)
	}
	label, _ := strings.CutPrefix(path, "metadata.labels['")
	return pod.Labels[strings.TrimSuffix(label, "']")]
}

func (c *Cluster) secret(namespace string, ref *corev1.SecretKeySelector) (string, error) {
	secret, err := c.own.CoreV1().Secrets(namespace).Get(c.tb.Context(), ref.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) && isOptional(ref.Optional) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return string(secret.Data[ref.Key]), nil
}

// mount writes the ConfigMaps of the volume with the role's own files to the directory.
func (c *Cluster) mount(pod *corev1.Pod, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, v := range pod.Spec.Volumes {
		if v.Name != kube.RoleVolume || v.Projected == nil {
			continue
		}
		for _, source := range v.Projected.Sources {
			if source.ConfigMap == nil {
				continue
			}
			if err := c.project(pod.Namespace, source.ConfigMap.Name, dir); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Cluster) project(namespace, name, dir string) error {
	cm, err := c.own.CoreV1().ConfigMaps(namespace).Get(c.tb.Context(), name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for key, text := range cm.Data {
		if err := os.WriteFile(filepath.Join(dir, key), []byte(text), 0o600); err != nil {
			return err
		}
	}
	for key, bytes := range cm.BinaryData {
		if err := os.WriteFile(filepath.Join(dir, key), bytes, 0o600); err != nil {
			return err
		}
	}
	return nil
}
