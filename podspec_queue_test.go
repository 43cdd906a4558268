package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrchestratorInTheQueueOfItsStepsIsToldOf(t *testing.T) {
	t.Parallel()
	queued := func(queue string) *KubernetesPodSettings {
		return &KubernetesPodSettings{Labels: map[string]string{"kueue.x-k8s.io/queue-name": queue}}
	}
	const want = `steps "a", "b": in the queue "batch" of Kueue, as the orchestrator is: where orchestrators hold the whole quota, ` +
		"they wait for ever for their own steps; leave the label kueue.x-k8s.io/queue-name out of OrchestratorPodSettings, " +
		"or name a queue of another quota there"
	for name, tt := range map[string]struct {
		orchestrator, steps *KubernetesPodSettings
		want                []string
	}{
		"one queue":             {queued("batch"), queued("batch"), []string{want}},
		"two queues":            {queued("drivers"), queued("batch"), nil},
		"steps only":            {nil, queued("batch"), nil},
		"orchestrator only":     {queued("batch"), nil, nil},
		"labels that say no":    {queued(""), queued(""), nil},
		"neither is in a queue": {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := given(tt.steps)
			settings.OrchestratorPodSettings = tt.orchestrator
			p := New("p").Step(Func0("a", one), Func0("b", one).Settings(KubernetesOrchestratorSettings{PodSettings: tt.steps})).Settings(settings)
			if d := cmp.Diff(tt.want, notices(t, p)); d != "" {
				t.Errorf("notices (-want +got):\n%s", d)
			}
		})
	}
}
