package pipeline

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/org/k8sorch/internal/kube"
)

// RenderSchedule returns, as YAML, every object that [Orchestrator.Schedule] would make, as [Orchestrator.Render] does for a run: the
// service accounts with their rights, the CronJob, the Secret without its token, and the plan of its runs. What the runs make
// themselves is left out.
func (o *Orchestrator) RenderSchedule(_ context.Context, p *Pipeline, s Schedule, opts ...RunOption) ([]byte, error) {
	sub, err := o.newScheduleSubmission(p, s, opts)
	if err != nil {
		return nil, err
	}
	if err := sub.check(); err != nil {
		return nil, err
	}
	if err := sub.checkForKubernetes(); err != nil {
		return nil, err
	}
	namespace, err := sub.namespace()
	if err != nil {
		return nil, err
	}
	_, spec, err := sub.specToCome(namespace)
	if err != nil {
		return nil, err
	}
	schedule := kube.Schedule{Submission: spec, Timing: s.timing(sub.runSettings())}
	cron, config, err := schedule.Objects()
	if err != nil {
		return nil, err
	}
	return kube.YAML(slices.Concat(sub.surroundings(namespace), []runtime.Object{cron}, schedule.TokenObjects(), []runtime.Object{config})...)
}
