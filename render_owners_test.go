package pipeline_test

import (
	"bytes"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
)

func TestRenderNamesNoUID(t *testing.T) {
	t.Parallel()
	for _, skip := range []bool{false, true} {
		p := pipeline.New("p").Step(pipeline.Func0("a", number)).
			Settings(pipeline.KubernetesOrchestratorSettings{SkipOwnerReferences: &skip, Image: new("registry.example/p")})
		text, err := pipeline.NewOrchestrator(pipeline.Config{}).Render(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"ownerReferences", kube.AnnotationPlanUID} {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("with SkipOwnerReferences %t there is %s:\n%s", skip, word, text)
			}
		}
	}
}
