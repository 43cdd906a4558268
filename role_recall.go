package pipeline

import (
	"context"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// cacheRecord returns what the result record of the attempt says for later runs; nil when the step is not cached.
func cacheRecord(p *plan.Plan, role reexec.Role, inputs []attempt.Input) (*record.Cache, error) {
	if _, cached := p.CachedStep(role.Step); !cached {
		return nil, nil
	}
	digests := map[string]string{}
	for _, in := range inputs {
		digests[in.Name] = in.Digest
	}
	recipe, err := cache.RecipeOf(p, role.Step, func(step string) (string, error) { return digests[step], nil })
	if err != nil {
		return nil, err
	}
	sealed := recipe.Seal()
	sealed.Miss = role.CacheMiss
	return sealed, nil
}

// recall returns how the step's process looks for an earlier value; nil when that is not its task.
func (o *Orchestrator) recall(role reexec.Role, p *plan.Plan, sealed *record.Cache, store ArtifactStore) attempt.Recall {
	if sealed == nil || !p.Looks(plan.ByStep, role.Step, role.Attempt) {
		return nil
	}
	cached, _ := p.CachedStep(role.Step)
	return func(ctx context.Context, room int64) (*cache.Hit, *cache.Miss) {
		conn, err := o.connectPod(role)
		if err != nil {
			return nil, &cache.Miss{Reason: cache.NotAllowed, Err: err}
		}
		finder := kube.Finder{Client: conn.Client, Ref: kube.RefOf(role), Store: store}
		return finder.Recall(ctx, kube.Wanted{Step: role.Step, Cache: sealed, MaxAge: cached.MaxAge, Room: room})
	}
}

// connectPod returns the connection of a pod of the run to its own cluster.
func (o *Orchestrator) connectPod(role reexec.Role) (*kube.Connection, error) {
	return kube.Connect(kube.Target{
		Clientset: o.clientset, InCluster: true, AccountToken: role.AccountToken, CA: role.CA, Namespace: role.Namespace, Role: role.Kind,
	})
}
