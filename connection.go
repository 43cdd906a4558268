package pipeline

import (
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/image"
	"github.com/org/k8sorch/internal/kube"
)

// target is the cluster that the configuration and the options name.
func (o *Orchestrator) target() kube.Target {
	return kube.Target{
		InCluster: o.config.InCluster, RESTConfig: o.restConfig, Clientset: o.clientset,
		Kubeconfig: o.config.Kubeconfig, Context: o.config.Context,
		Namespace: o.config.Namespace, CreateNamespace: o.config.CreateNamespace, Trouble: o.tellTrouble,
	}
}

// tellTrouble tells of a call that the API server has not served.
func (o *Orchestrator) tellTrouble(t kube.Trouble) {
	state := callFailed
	if t.Throttled {
		state = callThrottled
	}
	o.events(Event{Kind: CallRepeated, Time: time.Now(), State: state, Message: fmt.Sprintf("%s %s: %s", t.Method, t.Path, t.Message)})
}

// Why calls are repeated.
const (
	callFailed    = "Failed"
	callThrottled = "Throttled"
)

// warnings logs what the API server warns of.
func warnings(logger *zap.Logger) func(string) {
	return func(text string) { logger.Warn("the API server warns", zap.String("warning", text)) }
}

// connect returns the connection to the run's cluster, once it is sure that the configuration is one for this cluster. It
// calls no API.
func (s *submission) connect() (*kube.Connection, error) {
	target := s.target()
	target.Warn = warnings(s.clientLogger())
	conn, err := kube.Connect(target)
	if err != nil {
		return nil, err
	}
	if err := s.checkLocal(conn); err != nil {
		return nil, err
	}
	mount, err := s.artifactMount()
	if err != nil {
		return nil, err
	}
	if conn.Notice != "" {
		s.notice(conn.Notice)
	}
	if mount.source.HostPath != nil {
		s.notice(fmt.Sprintf("artifacts are kept in directory %s of the node, a hostPath: Pod Security \"baseline\" and \"restricted\" do not allow it, "+
			"and user %d, or the one that the settings name, must be able to write to it", mount.path, image.UserID))
	}
	return conn, nil
}

// checkLocal refuses what only works on a cluster of this machine, where the cluster is certainly elsewhere.
func (s *submission) checkLocal(conn *kube.Connection) error {
	if !conn.Remote || s.config.SkipLocalValidations {
		return nil
	}
	const skip = "or set Config.SkipLocalValidations (flag --skip-local-validations)"
	where := fmt.Sprintf("the cluster of %s is not on this machine (its API server is %s)", conn.Source, conn.Server)
	if s.config.Local {
		return fmt.Errorf("%s, and Config.Local (flag --local) says that it is: leave Local out, name a local cluster, %s if this one is local all the same",
			where, skip)
	}
	for _, src := range s.imageSources() {
		what, ref := "image "+src.image, src.image
		if src.image == "" {
			what, ref = "registry "+s.config.Registry, s.config.Registry
		}
		if image.OnLoopback(ref) {
			return fmt.Errorf("%s, and %s is on a loopback address, where its nodes would look on themselves: "+
				"name a registry that this machine and the nodes reach by the same name, %s if they can pull from there", where, what, skip)
		}
	}
	return nil
}

// OnCluster tells whether the configuration and the options name a cluster. If not, runs are child processes of this one.
func (o *Orchestrator) OnCluster() bool { return o.target().Named() }
