package node

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/org/k8sorch/e2e/cluster/internal/address"
)

// SetUpNetwork prepares the network namespace it runs in: the nodes' addresses on a bridge, forwarding for pods, and the
// way from the kubernetes Service's address to the API server, for which a kube-proxy would be much. With uplink, the
// link to the host, already in the namespace, becomes a port of the bridge.
func SetUpNetwork(uplink bool) error {
	steps := []string{
		"ip link set lo up",
		"ip link add " + address.Bridge + " type bridge",
		"ip address add " + address.Node + address.NodeSubnetBits + " dev " + address.Bridge,
		"ip address add " + address.SecondNode + address.NodeSubnetBits + " dev " + address.Bridge,
		"ip link set " + address.Bridge + " up",
		redirect("PREROUTING"),
		redirect("OUTPUT"),
	}
	if uplink {
		steps = append(steps, "ip link set "+address.Uplink+" master "+address.Bridge+" up")
	}
	for _, step := range steps {
		if err := run(step); err != nil {
			return err
		}
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
}

func redirect(chain string) string {
	return "iptables -w -t nat -A " + chain +
		" -d " + address.KubernetesService + " -p tcp --dport 443" +
		" -j DNAT --to-destination " + address.Node + ":" + address.APIPort
}

func run(command string) error {
	args := strings.Fields(command)
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w: %s", command, err, out)
	}
	return nil
}
