package kube

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
)

// localContexts are the names that the makers of local clusters give their contexts. One that ends in a dash begins the
// names of several clusters.
var localContexts = []string{
	"kind-", "k3d-", "minikube", "docker-desktop", "docker-for-desktop", "rancher-desktop", "colima", "colima-", "orbstack",
}

// localDomains end the names by which local clusters are reached.
var localDomains = []string{".localhost", ".local", ".docker.internal", ".lima.internal"}

// remote tells that a cluster is certainly not on this machine: no local cluster's context has this name, and the API
// server's address is not one that local clusters have. A private address (RFC 1918, RFC 4193) may be that of a virtual
// machine here, so it decides nothing.
func remote(context, host string) bool {
	return !isLocalContext(context) && !isNearby(host)
}

func isLocalContext(name string) bool {
	return slices.ContainsFunc(localContexts, func(known string) bool {
		return name == known || strings.HasSuffix(known, "-") && strings.HasPrefix(name, known)
	})
}

func isNearby(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return !strings.Contains(host, ".") || slices.ContainsFunc(localDomains, func(domain string) bool { return strings.HasSuffix(host, domain) })
}

// serverOf returns the API server's URL as people know it; nil where the config has none that client-go understands.
func serverOf(config *rest.Config) *url.URL {
	server, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil
	}
	return server
}
