package pipeline

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/image"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// toKubernetes begins a run on the cluster. What can be refused here is refused before anything is made there.
func (s *submission) toKubernetes(ctx context.Context) (*Handle, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := s.checkCaching(); err != nil {
		return nil, err
	}
	target := s.target()
	target.Warn = func(text string) { s.clientLogger().Warn("the API server warns", zap.String("warning", text)) }
	conn, err := kube.Connect(target)
	if err != nil {
		return nil, err
	}
	server, err := conn.Check(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.claim(); err != nil {
		return nil, err
	}
	if err := s.checkAccount(ctx, conn); err != nil {
		return nil, err
	}
	if err := s.probe(ctx, literalEnv(s.runSettings())); err != nil {
		return nil, err
	}
	p, ref, err := s.place(ctx, conn, server)
	if err != nil {
		return nil, err
	}
	return s.follow(ctx, conn, ref, p)
}

// place makes everything that the run needs: first the image, since a registry has more reasons to refuse than a cluster,
// and what is on the cluster last.
func (s *submission) place(ctx context.Context, conn *kube.Connection, server kube.Server) (*plan.Plan, kube.Ref, error) {
	platform, err := s.platform(server)
	if err != nil {
		return nil, kube.Ref{}, err
	}
	images, err := s.images(ctx, platform)
	if err != nil {
		return nil, kube.Ref{}, err
	}
	p, spec, err := s.objects(conn.Namespace, images)
	if err != nil {
		return nil, kube.Ref{}, err
	}
	if err := kube.EnsureAccounts(ctx, conn.Client, conn.Namespace, s.accounts()...); err != nil {
		return nil, kube.Ref{}, err
	}
	ref, err := kube.Submit(ctx, conn.Client, spec)
	return p, ref, err
}

// objects returns the plan of the run and what is submitted with it.
func (s *submission) objects(namespace string, images map[imageSource]podImage) (*plan.Plan, kube.Submission, error) {
	p := s.plan(s.config.Artifacts)
	var err error
	p.Cache = s.kubernetesCache(images)
	if p.Kubernetes, err = s.kubernetesPlan(images); err != nil {
		return nil, kube.Submission{}, err
	}
	run := s.runSettings()
	template, err := run.orchestratorTemplate(images[run.imageSource()])
	if err != nil {
		return nil, kube.Submission{}, fmt.Errorf("making the orchestrator's pod: %w", err)
	}
	template.Spec.Containers[0].Args = s.args()
	if err := s.mountForLookup(p, &template); err != nil {
		return nil, kube.Submission{}, err
	}
	return p, kube.Submission{
		Ref:  kube.Ref{Namespace: namespace, Run: s.run, Pipeline: s.design.name},
		Plan: p, Template: template,
		BackoffLimit: int32(orDefault(run.OrchestratorJobBackoffLimit, defaultOrchestratorJobBackoffLimit)),
	}, nil
}

// accounts returns the service accounts that the run needs and the settings do not name.
func (s *submission) accounts() []kube.Account {
	var accounts []kube.Account
	if s.runSettings().orchestratorAccount() == kube.OrchestratorAccount {
		accounts = append(accounts, kube.OrchestratorRights())
	}
	for _, n := range s.design.nodes {
		if s.stepSettings(n).stepAccount() == kube.StepAccount {
			return append(accounts, s.stepRights())
		}
	}
	return accounts
}

// checkAccount asks whether the orchestrator's service account has its rights, where that is not this library's own doing.
func (s *submission) checkAccount(ctx context.Context, conn *kube.Connection) error {
	account := s.runSettings().orchestratorAccount()
	if account == kube.OrchestratorAccount {
		return nil
	}
	return kube.CheckAccount(ctx, conn.Client, conn.Namespace, account)
}

// platform returns what images are made for.
func (s *submission) platform(server kube.Server) (image.Platform, error) {
	text := server.Platform
	if s.config.Platform != "" {
		text = s.config.Platform
	}
	return image.ParsePlatform(text)
}
