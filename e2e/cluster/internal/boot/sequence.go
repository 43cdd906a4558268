package boot

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/org/k8sorch/e2e/cluster/internal/address"
	"github.com/org/k8sorch/e2e/cluster/internal/node"
	"github.com/org/k8sorch/e2e/cluster/internal/pki"
	"github.com/org/k8sorch/e2e/cluster/internal/registry"
	"github.com/org/k8sorch/e2e/cluster/internal/sandbox"
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

// cniPlugins is where Debian and Ubuntu put the CNI plugins.
const cniPlugins = "/usr/lib/cni"

// sequence is the order in which a cluster comes up.
type sequence struct {
	cfg        sandbox.Config
	components *supervise.Supervisor
	progress   *progress
	node       *node.Node
	client     kubernetes.Interface
}

func (s *sequence) run(ctx context.Context) error {
	for _, step := range s.steps() {
		if err := step.run(ctx); err != nil {
			return err
		}
		s.progress.printf("%s", step.done)
	}
	return nil
}

type step struct {
	done string
	run  func(context.Context) error
}

func (s *sequence) steps() []step {
	prepare := step{"network, certificates and configuration made", s.prepare}
	server := step{"API server ready", s.startAPIServer}
	controllers := step{"controller manager started", s.startControllers}
	account := step{"default service account there", s.waitForServiceAccount}
	scheduler := step{"scheduler started", s.startScheduler}
	switch {
	case s.cfg.ControlPlane && s.cfg.Scheduler:
		return []step{prepare, server, controllers, scheduler, account}
	case s.cfg.ControlPlane:
		return []step{prepare, server, controllers, account}
	}
	registry := step{"registry serves " + address.Registry, s.startRegistry}
	return []step{prepare, registry, server, controllers, scheduler, {"node ready", s.startNode}, account}
}

func (s *sequence) prepare(context.Context) error {
	if err := node.SetUpNetwork(s.cfg.HostAccess); err != nil {
		return err
	}
	authority, err := pki.NewAuthority(s.cfg.State.PKI())
	if err != nil {
		return err
	}
	s.node = node.First(s.cfg.State)
	s.node.Authority, s.node.CgroupRoot = authority, s.cfg.CgroupRoot
	s.node.BatchAudit, s.node.Tuned = s.cfg.ControlPlane, s.cfg.Tuned
	second := node.Second(s.cfg.State)
	second.CgroupRoot = s.cfg.SecondCgroupRoot()
	for _, n := range []*node.Node{s.node, second} {
		n.CNIPlugins, n.PauseImage = cniPlugins, address.Registry+"/k8sorch-e2e/pause:latest"
		if err := n.WriteConfigs(); err != nil {
			return err
		}
	}
	return s.node.WriteCredentials()
}

// startRegistry starts the registry, with the sandbox image in it, and containerd, which pulls that first.
func (s *sequence) startRegistry(context.Context) error {
	listener, err := net.Listen("tcp", ":"+address.RegistryPort)
	if err != nil {
		return fmt.Errorf("starting the registry: %w", err)
	}
	blobs := s.cfg.State.Path("registry")
	if err := os.Mkdir(blobs, 0o755); err != nil {
		return err
	}
	go registry.Serve(listener, blobs)
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if err := registry.PushPause(s.node.PauseImage, filepath.Join(filepath.Dir(program), "pause")); err != nil {
		return err
	}
	return s.components.Start(s.node.ContainerdComponent())
}

func (s *sequence) startAPIServer(ctx context.Context) error {
	if err := s.start(s.node.EtcdComponent(), s.node.APIServerComponent()); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.cfg.State.Kubeconfig())
	if err != nil {
		return err
	}
	if s.client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	return waitReady(ctx, s.client)
}

func (s *sequence) startControllers(context.Context) error {
	return s.start(s.node.ControllerManagerComponent())
}

func (s *sequence) startScheduler(context.Context) error {
	return s.start(s.node.SchedulerComponent())
}

func (s *sequence) startNode(ctx context.Context) error {
	if err := waitForFile(ctx, s.cfg.State.ContainerdSocket()); err != nil {
		return err
	}
	if err := s.start(s.node.KubeletComponent()); err != nil {
		return err
	}
	return waitForNode(ctx, s.client, node.Name)
}

func (s *sequence) start(components ...supervise.Component) error {
	for _, c := range components {
		if err := s.components.Start(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *sequence) waitForServiceAccount(ctx context.Context) error {
	return waitForServiceAccount(ctx, s.client)
}
