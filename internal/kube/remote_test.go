package kube

import (
	"testing"

	"k8s.io/client-go/rest"
)

func TestRemote(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, context, server string
		remote                bool
	}{
		{"kind", "kind-dev", "https://127.0.0.1:40111", false},
		{"kind on an address of its own", "kind-dev", "https://203.0.113.7:6443", false},
		{"k3d", "k3d-dev", "https://0.0.0.0:40111", false},
		{"minikube", "minikube", "https://192.168.49.2:8443", false},
		{"a profile of minikube", "experiments", "https://192.168.58.2:8443", false},
		{"Docker Desktop", "docker-desktop", "https://kubernetes.docker.internal:6443", false},
		{"Rancher Desktop", "rancher-desktop", "https://127.0.0.1:6443", false},
		{"Colima", "colima", "https://127.0.0.1:6443", false},
		{"a profile of Colima", "colima-big", "https://127.0.0.1:6443", false},
		{"OrbStack", "orbstack", "https://k8s.orb.local:26443", false},
		{"the cluster of the end-to-end tests", "k8sorch-e2e", "https://10.250.0.1:6443", false},
		{"loopback", "prod", "https://127.0.0.1:6443", false},
		{"loopback, IPv6", "prod", "https://[::1]:6443", false},
		{"loopback, IPv4 in IPv6", "prod", "https://[::ffff:127.0.0.1]:6443", false},
		{"a name for loopback", "prod", "https://localhost:6443", false},
		{"a name below it", "prod", "https://api.localhost:6443", false},
		{"a private address", "prod", "https://10.0.0.1", false},
		{"a private address, IPv6", "prod", "https://[fd00::1]:6443", false},
		{"a name without a domain", "prod", "https://nas:6443", false},
		{"no scheme", "", "127.0.0.1:8080", false},
		{"a cloud's", "gke_proj_zone_dev", "https://203.0.113.7", true},
		{"a cloud's, by name", "prod", "https://ABC.gr7.eu-west-1.eks.amazonaws.com", true},
		{"an address, IPv6", "prod", "https://[2001:db8::1]:6443", true},
		{"a name that only looks like kind's", "kindergarten", "https://k8s.example.com", true},
		{"a name that only looks like minikube's", "minikube-prod", "https://k8s.example.com", true},
		{"a name that only looks like localhost", "prod", "https://localhost.example.com", true},
		{"no context", "", "https://k8s.example.com", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serverOf(&rest.Config{Host: test.server})
			if server == nil {
				t.Fatalf("%s is no server", test.server)
			}
			if got := remote(test.context, server.Hostname()); got != test.remote {
				t.Errorf("remote(%q, %q) = %t, want %t", test.context, server.Hostname(), got, test.remote)
			}
		})
	}
}
