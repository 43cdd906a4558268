package kube

import (
	"maps"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// RoleVolume is the volume with the plan and, for a step, the records of the inputs. It is mounted at [reexec.PodDir].
const RoleVolume = "k8sorch"

// Pods makes the pods of a run's attempts. Its work for one of them does not grow with the number of steps.
type Pods struct {
	ref   Ref
	plan  *plan.Plan
	nodes graph.Index
}

// NewPods returns what makes the pods of a run. The plan is one for Kubernetes.
func NewPods(ref Ref, p *plan.Plan) Pods { return Pods{ref.under(p), p, p.Graph.Index()} }

// Of returns the pod of an attempt, as it is sent to the API server. Room is [reexec.Role]'s: 0 for as much as a
// record holds, less than 0 for none.
//
// What the template says wins over the server's defaults, and what an attempt needs to be recognised and to run once
// wins over the template: name, system labels, owners, restart policy, the main container's role.
func (p Pods) Of(step string, attempt int, room int64) *corev1.Pod {
	ref, k := p.ref, p.plan.Kubernetes
	template := k.Template(step)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name:        PodName(k.PodNamePrefix, ref.Run, step, attempt),
		Namespace:   ref.Namespace,
		Labels:      stepPodLabels(ref, template.Labels, step, attempt),
		Annotations: maps.Clone(template.Annotations),
	}}
	ref.mark(&pod.ObjectMeta)
	template.Spec.DeepCopyInto(&pod.Spec)
	pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	main := mainContainer(&pod.Spec)
	inEnv := tokenInEnv(main)
	equip(main, reexec.Role{
		Kind: reexec.Step, Run: ref.Run, Pipeline: ref.Pipeline, Step: step, Attempt: attempt,
		Namespace: ref.Namespace, Job: ref.JobName(), JobUID: string(ref.JobUID), PlanUID: string(ref.PlanUID),
		Dir: reexec.PodDir, Report: reexec.PodReport, ReportSize: reportSize(&pod.Spec), Room: room, Grace: stopGrace(&pod.Spec),
	})
	if inEnv {
		putTokenInEnv(ref, pod)
	} else {
		mount(&pod.Spec, roleVolume(ref.PlanName(), GivenTo(step, p.nodes).records(ref)...))
	}
	if token := k.Token; token != nil {
		main.Env = append(main.Env, *token)
	}
	return pod
}

func stepPodLabels(ref Ref, user map[string]string, step string, attempt int) map[string]string {
	labels := overlaid(user, ref.Labels())
	// A label that only other objects of a run carry would make this one pass for them.
	for _, other := range []string{LabelRecord, LabelCacheKey, LabelSchedule} {
		delete(labels, other)
	}
	labels[LabelStep] = step
	labels[LabelAttempt] = strconv.Itoa(attempt)
	labels[LabelRole] = string(reexec.Step)
	return labels
}

// overlaid returns the union of two maps, in which top wins.
func overlaid(bottom, top map[string]string) map[string]string {
	all := make(map[string]string, len(bottom)+len(top))
	maps.Copy(all, bottom)
	maps.Copy(all, top)
	return all
}

// mainContainer returns the container that runs the step. A template without one gets an empty one, which the API
// server refuses in its own words.
func mainContainer(spec *corev1.PodSpec) *corev1.Container {
	isMain := func(c corev1.Container) bool { return c.Name == MainContainer }
	i := slices.IndexFunc(spec.Containers, isMain)
	if i < 0 {
		i = len(spec.Containers)
		spec.Containers = append(spec.Containers, corev1.Container{Name: MainContainer})
	}
	return &spec.Containers[i]
}

// equip gives a container its role, and leaves to the API server what it does by itself: that the container's report is read
// from [reexec.PodReport].
func equip(main *corev1.Container, role reexec.Role) {
	main.RestartPolicy, main.RestartPolicyRules = nil, nil
	main.TerminationMessagePath, main.TerminationMessagePolicy = "", ""
	main.Env = append(withoutRole(main.Env), roleEnv(role)...)
}

// mount gives a pod's main container the directory of its role.
func mount(spec *corev1.PodSpec, volume corev1.Volume) {
	spec.Volumes = append(spec.Volumes, volume)
	main := mainContainer(spec)
	main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: volume.Name, MountPath: reexec.PodDir, ReadOnly: true})
}

// tellMiss tells an attempt why it is run though its step is cached.
func tellMiss(pod *corev1.Pod, miss string) {
	if miss == "" {
		return
	}
	main := mainContainer(&pod.Spec)
	main.Env = append(main.Env, corev1.EnvVar{Name: reexec.EnvCacheMiss, Value: miss})
}

func withoutRole(env []corev1.EnvVar) []corev1.EnvVar {
	return slices.DeleteFunc(slices.Clone(env), func(v corev1.EnvVar) bool { return slices.Contains(reexec.EnvNames(), v.Name) })
}

// roleEnv returns the role's variables. The UID is known to the kubelet only.
func roleEnv(role reexec.Role) []corev1.EnvVar {
	var env []corev1.EnvVar
	for _, v := range role.Vars() {
		env = append(env, corev1.EnvVar{Name: v.Name, Value: v.Value})
	}
	return append(env, corev1.EnvVar{Name: reexec.EnvUID, ValueFrom: &corev1.EnvVarSource{
		FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.uid"},
	}})
}

// stopGrace is how long the kubelet leaves a container to end by itself, where the template says so.
func stopGrace(spec *corev1.PodSpec) time.Duration {
	if spec.TerminationGracePeriodSeconds == nil {
		return 0
	}
	return time.Duration(*spec.TerminationGracePeriodSeconds) * time.Second
}

// reportSize is how much of the step's report arrives, where the pod's other containers take from it; 0 where they do not.
func reportSize(spec *corev1.PodSpec) int {
	size := record.ReportSize(len(spec.InitContainers) + len(spec.Containers))
	if size == record.MaxReport {
		return 0
	}
	return size
}

// roleVolume holds the plan, and the records that are in other ConfigMaps. The kubelet brings them, so a step needs no rights of its own;
// and it is one volume, because each costs time at the pod's start.
func roleVolume(planName string, records ...string) corev1.Volume {
	sources := []corev1.VolumeProjection{{ConfigMap: &corev1.ConfigMapProjection{
		LocalObjectReference: corev1.LocalObjectReference{Name: planName},
		Items:                []corev1.KeyToPath{{Key: plan.FileName, Path: plan.FileName}},
	}}}
	for _, name := range records {
		sources = append(sources, corev1.VolumeProjection{ConfigMap: &corev1.ConfigMapProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: name},
		}})
	}
	return corev1.Volume{Name: RoleVolume, VolumeSource: corev1.VolumeSource{
		Projected: &corev1.ProjectedVolumeSource{Sources: sources},
	}}
}
