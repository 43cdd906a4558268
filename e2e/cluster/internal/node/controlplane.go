package node

import (
	"github.com/org/k8sorch/e2e/cluster/internal/address"
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

// EtcdComponent is etcd, which need not survive the machine: it never waits for the disk.
func (n *Node) EtcdComponent() supervise.Component {
	const peer = "http://127.0.0.1:2380"
	return supervise.Component{Name: Etcd, Args: []string{
		self, Etcd,
		"--name=" + Name,
		"--data-dir=" + n.State.Path("etcd"),
		"--listen-client-urls=" + address.Etcd,
		"--advertise-client-urls=" + address.Etcd,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=" + Name + "=" + peer,
		"--unsafe-no-fsync",
		"--log-level=warn",
	}}
}

// APIServerComponent is the API server. Pod Security admission is on by default; the audit log has every request.
func (n *Node) APIServerComponent() supervise.Component {
	pki := n.Authority
	return supervise.Component{Name: APIServer, Args: []string{
		self, APIServer,
		"--etcd-servers=" + address.Etcd,
		"--bind-address=0.0.0.0",
		"--advertise-address=" + address.Node,
		"--secure-port=" + address.APIPort,
		"--service-cluster-ip-range=" + address.Services,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--client-ca-file=" + pki.Cert("ca"),
		"--tls-cert-file=" + pki.Cert(APIServer),
		"--tls-private-key-file=" + pki.Key(APIServer),
		"--kubelet-certificate-authority=" + pki.Cert("ca"),
		"--kubelet-client-certificate=" + pki.Cert(kubeletClient),
		"--kubelet-client-key=" + pki.Key(kubeletClient),
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + pki.Key(serviceAccounts),
		"--service-account-signing-key-file=" + pki.Key(serviceAccounts),
		"--audit-policy-file=" + n.State.Path("audit-policy.yaml"),
		"--audit-log-path=" + n.State.AuditLog(),
	}}
}

// ControllerManagerComponent is every stock controller, with stock flags.
func (n *Node) ControllerManagerComponent() supervise.Component {
	return supervise.Component{Name: ControllerManager, Args: []string{
		self, ControllerManager,
		"--kubeconfig=" + n.State.Credentials(ControllerManager),
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--root-ca-file=" + n.Authority.Cert("ca"),
		"--service-account-private-key-file=" + n.Authority.Key(serviceAccounts),
	}}
}

// SchedulerComponent is the stock scheduler.
func (n *Node) SchedulerComponent() supervise.Component {
	return supervise.Component{Name: Scheduler, Args: []string{
		self, Scheduler,
		"--kubeconfig=" + n.State.Credentials(Scheduler),
		"--leader-elect=false",
	}}
}
