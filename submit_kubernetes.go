package pipeline

import (
	"context"

	"github.com/org/k8sorch/internal/image"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// toKubernetes begins a run on the cluster. What can be refused here is refused before anything is made there.
func (s *submission) toKubernetes(ctx context.Context) (*Handle, error) {
	conn, server, err := s.admit(ctx)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, conn, server)
}

// begin makes the run, which is admitted, and returns a handle on it.
func (s *submission) begin(ctx context.Context, conn *kube.Connection, server kube.Server) (*Handle, error) {
	p, spec, err := s.place(ctx, conn, server)
	if err != nil {
		return nil, err
	}
	ref, err := kube.Submit(ctx, conn.Client, spec)
	if err != nil {
		return nil, err
	}
	return s.follow(ctx, conn, ref, p), nil
}

// admit refuses what can be refused before anything is made, and connects to the cluster.
func (s *submission) admit(ctx context.Context) (*kube.Connection, kube.Server, error) {
	conn, server, err := s.reachToRun(ctx)
	if err != nil {
		return nil, kube.Server{}, err
	}
	return conn, server, s.makeReady(ctx, conn)
}

// reachToRun checks what is to run there, and connects to the cluster.
func (s *submission) reachToRun(ctx context.Context) (*kube.Connection, kube.Server, error) {
	if err := s.check(); err != nil {
		return nil, kube.Server{}, err
	}
	if err := s.checkForKubernetes(); err != nil {
		return nil, kube.Server{}, err
	}
	conn, err := s.connect()
	if err != nil {
		return nil, kube.Server{}, err
	}
	server, err := conn.Check(ctx)
	return conn, server, err
}

// makeReady checks what the run needs of the cluster and of this program, and asks for the token that its steps get.
func (s *submission) makeReady(ctx context.Context, conn *kube.Connection) error {
	if err := s.checkAccount(ctx, conn); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.warnOfToken()
	return nil
}

// checkForKubernetes refuses what pods could not run, or not as the settings say.
func (s *submission) checkForKubernetes() error {
	if err := s.checkCaching(); err != nil {
		return err
	}
	return s.checkPods()
}

// place makes what the run needs and is not the run's own: first the image, since a registry has more reasons to refuse than a
// cluster, and what is on the cluster last. It returns what is to be submitted.
func (s *submission) place(ctx context.Context, conn *kube.Connection, server kube.Server) (*plan.Plan, kube.Submission, error) {
	platform, err := s.platform(server)
	if err != nil {
		return nil, kube.Submission{}, err
	}
	images, err := s.images(ctx, platform)
	if err != nil {
		return nil, kube.Submission{}, err
	}
	p, spec, err := s.objects(conn.Namespace, images)
	if err != nil {
		return nil, kube.Submission{}, err
	}
	if err := conn.EnsureNamespace(ctx); err != nil {
		return nil, kube.Submission{}, err
	}
	return p, spec, kube.EnsureAccounts(ctx, conn.Client, conn.Namespace, s.accounts()...)
}

// objects returns the plan of the run and what is submitted with it.
func (s *submission) objects(namespace string, images map[imageSource]podImage) (*plan.Plan, kube.Submission, error) {
	pods, err := s.makePods(images)
	if err != nil {
		return nil, kube.Submission{}, err
	}
	p := s.plan(s.config.Artifacts)
	p.Cache = s.kubernetesCache(images)
	if p.Kubernetes, err = s.kubernetesPlan(pods.steps); err != nil {
		return nil, kube.Submission{}, err
	}
	s.carryOn(p)
	return p, kube.Submission{
		Ref: s.ref(namespace), Earlier: s.earlier,
		Plan: p, Template: pods.orchestrator.template, Token: s.tokenSecret(), Notice: s.notice,
		BackoffLimit: int32(orDefault(s.runSettings().OrchestratorJobBackoffLimit, defaultOrchestratorJobBackoffLimit)),
	}, nil
}

// checkAccount asks whether the orchestrator's service account has its rights, where that is not this library's own doing.
func (s *submission) checkAccount(ctx context.Context, conn *kube.Connection) error {
	account := s.runSettings().orchestratorAccount()
	if account == kube.OrchestratorAccount {
		return nil
	}
	return kube.CheckAccount(ctx, conn.Client, conn.Namespace, account, s.orchestratorRights())
}

// platform returns what images are made for.
func (s *submission) platform(server kube.Server) (image.Platform, error) {
	text := server.Platform
	if s.config.Platform != "" {
		text = s.config.Platform
	}
	return image.ParsePlatform(text)
}
