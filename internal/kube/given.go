package kube

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
)

// Given is what a step is given: the plan and the records of its inputs, which is that of the run's end for a hook.
type Given struct {
	// inputs are the steps whose values it takes, each once.
	inputs []string
	// hook tells that it is given the run's end.
	hook bool
}

// nodes finds the nodes of a graph: a [graph.Graph] searches for them, a [graph.Index] knows where they are.
type nodes interface {
	Node(name string) (graph.Node, bool)
}

// GivenTo returns what a step is given; nothing but the plan if the graph has no such step.
func GivenTo(step string, in nodes) Given {
	node, _ := in.Node(step)
	given := Given{hook: node.Hook != ""}
	for _, name := range node.Inputs {
		if up, ok := in.Node(name); ok && up.Kind == graph.Step && !slices.Contains(given.inputs, name) {
			given.inputs = append(given.inputs, name)
		}
	}
	return given
}

// records returns the ConfigMaps of the records.
func (g Given) records(ref Ref) []string {
	var names []string
	for _, input := range g.inputs {
		names = append(names, ResultName(ref.Run, input))
	}
	if g.hook {
		names = append(names, ref.EndName())
	}
	return names
}

// Read returns what reads the files that the kubelet would put into the volume of a pod that has one. It asks for all of them at
// the same time, and again for a while where the API server does not answer or knows nobody yet.
func (g Given) Read(ctx context.Context, client kubernetes.Interface, ref Ref) attempt.ReadFile {
	names := append(g.records(ref), ref.PlanName())
	found, failed := make([]*corev1.ConfigMap, len(names)), make([]error, len(names))
	var reading sync.WaitGroup
	for i, name := range names {
		reading.Go(func() { found[i], failed[i] = readGiven(ctx, client, ref.Namespace, name) })
	}
	reading.Wait()
	files := map[string][]byte{}
	for i := range names {
		if failed[i] == nil {
			addFiles(files, found[i])
		}
	}
	missing := cmp.Or(failed...) // one is enough: all of them are asked of one server with the same rights
	return func(name string) ([]byte, error) {
		content, ok := files[name]
		switch {
		case ok:
			return content, nil
		case missing != nil:
			return nil, missing
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
}

func readGiven(ctx context.Context, client kubernetes.Interface, namespace, name string) (cm *corev1.ConfigMap, err error) {
	err = persist(ctx, func(ctx context.Context) (err error) {
		cm, err = client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	}, briefly())
	doing := "reading ConfigMap " + name
	switch {
	case err == nil:
		return cm, nil
	case apierrors.IsForbidden(err):
		return nil, attempt.Permanent{Err: fmt.Errorf(
			"%s: %w: let the step's account get ConfigMaps, or leave StepAccountTokenInEnv out, so that the kubelet brings them", doing, err)}
	case apierrors.IsUnauthorized(err):
		err = fmt.Errorf("%w: a pod that waits for its node for longer than a day, or than the API server lets tokens last, has one that is "+
			"not good any more: leave StepAccountTokenInEnv out where that happens", err)
	}
	return nil, attempt.NotGiven(fmt.Errorf("%s: %w", doing, err))
}

// addFiles adds what a ConfigMap holds, by the names that it has as files.
func addFiles(files map[string][]byte, cm *corev1.ConfigMap) {
	maps.Copy(files, cm.BinaryData)
	for name, text := range cm.Data {
		files[name] = []byte(text)
	}
}
