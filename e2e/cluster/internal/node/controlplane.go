package node

import (
	"slices"

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
		// The most that etcd advises; a benchmark fills the default of 2 GiB.
		"--quota-backend-bytes=8589934592",
		"--log-level=warn",
	}}
}

// APIServerComponent is the API server. Pod Security admission is on by default; the audit log has every request.
func (n *Node) APIServerComponent() supervise.Component {
	pki := n.Authority
	return supervise.Component{Name: APIServer, Args: slices.Concat([]string{
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
		// One file, however large, in MiB.
		"--audit-log-maxsize=100000",
	}, n.audit())}
}

// audit says how the audit log is written. Events that do not fit into the buffer would be lost.
func (n *Node) audit() []string {
	if !n.BatchAudit {
		return nil
	}
	return []string{"--audit-log-mode=batch", "--audit-log-batch-buffer-size=200000"}
}

// ControllerManagerComponent is every stock controller, with stock flags unless the node is tuned.
func (n *Node) ControllerManagerComponent() supervise.Component {
	return supervise.Component{Name: ControllerManager, Args: slices.Concat([]string{
		self, ControllerManager,
		"--kubeconfig=" + n.State.Credentials(ControllerManager),
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--root-ca-file=" + n.Authority.Cert("ca"),
		"--service-account-private-key-file=" + n.Authority.Key(serviceAccounts),
	}, n.limits())}
}

// limits are those of a controller manager that nothing but the machine holds back. The stock ones are 20 requests a second,
// 30 at once, for each controller, and 5 Jobs at a time.
func (n *Node) limits() []string {
	if !n.Tuned {
		return nil
	}
	return []string{"--kube-api-qps=1000", "--kube-api-burst=2000", "--concurrent-job-syncs=20"}
}

// SchedulerComponent is the stock scheduler.
func (n *Node) SchedulerComponent() supervise.Component {
	return supervise.Component{Name: Scheduler, Args: []string{
		self, Scheduler,
		"--kubeconfig=" + n.State.Credentials(Scheduler),
		"--leader-elect=false",
	}}
}
