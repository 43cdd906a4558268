// Package address holds the fixed network addresses of the cluster. They are fixed because each cluster has a network
// namespace to itself; only the link to the host, which is optional, can meet something else.
package address

const (
	// Node is the one node's address, on Bridge; the API server and the kubelet advertise it.
	Node = "10.250.0.1"
	// SecondNode is the address of the node that a test may start beside that one.
	SecondNode = "10.250.0.2"
	// Host is the host's end of the link that makes the cluster reachable from outside its network namespace.
	Host = "10.250.0.254"
	// NodeSubnetBits is the prefix length of the network that the nodes and Host share.
	NodeSubnetBits = "/24"

	// Bridge is the link that carries Node.
	Bridge = "k8s0"
	// Uplink is the cluster's end of the link to the host; it becomes a port of Bridge.
	Uplink = "uplink0"
	// HostLink is the host's end.
	HostLink = "k8sorch-e2e"

	// Services is the range of Service addresses. Only KubernetesService is ever reachable: there is no kube-proxy.
	Services = "10.96.0.0/24"
	// KubernetesService is the first address of Services: the API server, as pods know it.
	KubernetesService = "10.96.0.1"
	// Pods is the range that pods get their addresses from.
	Pods = "10.244.0.0/16"
	// SecondPods is the range of those on SecondNode.
	SecondPods = "10.245.0.0/16"

	// APIPort is the API server's port on every address of the node.
	APIPort = "6443"
	// RegistryPort is the image registry's port, inside the cluster and, with the link, on the host's loopback.
	RegistryPort = "5000"
	// Etcd is etcd's client URL.
	Etcd = "http://127.0.0.1:2379"

	// Registry is the name of the image registry. It is a loopback address because containerd, like docker and
	// go-containerregistry, speaks plain HTTP to those without being told.
	Registry = "127.0.0.1:" + RegistryPort
	// API is the URL of the API server, the same inside the cluster and, with the link, on the host.
	API = "https://" + Node + ":" + APIPort
)
