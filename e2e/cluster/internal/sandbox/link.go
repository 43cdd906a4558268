package sandbox

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strconv"

	"github.com/org/k8sorch/e2e/cluster/internal/address"
)

// linkToHost makes a pair of links, one end on the host, the other in the network namespace of pid. The kernel removes
// both with the namespace.
func linkToHost(pid int) error {
	commands := [][]string{
		{"link", "add", address.HostLink, "type", "veth", "peer", "name", address.Uplink, "netns", strconv.Itoa(pid)},
		{"address", "add", address.Host + address.NodeSubnetBits, "dev", address.HostLink},
		{"link", "set", address.HostLink, "up"},
	}
	for _, args := range commands {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("linking the cluster to the host (is another one up?): ip %v: %w: %s", args, err, out)
		}
	}
	return nil
}

// serveRegistry gives the cluster's registry the name on the host that it has in the cluster.
func serveRegistry(ctx context.Context) error {
	listener, err := net.Listen("tcp", address.Registry)
	if err != nil {
		return fmt.Errorf("offering the registry on the host: %w", err)
	}
	target := &url.URL{Scheme: "http", Host: net.JoinHostPort(address.Node, address.RegistryPort)}
	go http.Serve(listener, httputil.NewSingleHostReverseProxy(target))
	context.AfterFunc(ctx, func() { listener.Close() })
	return nil
}
