package kube

import (
	"bytes"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// YAML renders objects as one manifest for `kubectl apply`: with their kinds, and without what only a server can say.
func YAML(objects ...runtime.Object) ([]byte, error) {
	var manifest bytes.Buffer
	for i, object := range objects {
		one, err := document(object)
		if err != nil {
			return nil, fmt.Errorf("rendering %T: %w", object, err)
		}
		if i > 0 {
			manifest.WriteString("---\n")
		}
		manifest.Write(one)
	}
	return manifest.Bytes(), nil
}

func document(object runtime.Object) ([]byte, error) {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return nil, err
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	fields["apiVersion"], fields["kind"] = kinds[0].GroupVersion().String(), kinds[0].Kind
	delete(fields, "status")
	dropNulls(fields)
	return yaml.Marshal(fields)
}

// dropNulls takes out what a nil pointer or a zero time became: applied, a null would delete what is there.
func dropNulls(value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner == nil {
				delete(v, key)
			}
			dropNulls(inner)
		}
	case []any:
		for _, inner := range v {
			dropNulls(inner)
		}
	}
}
