#!/usr/bin/env bash
# Runs a command and fails if the machine is not as it was before: processes, mounts, links, addresses, packet filter
# rules, cgroups, kernel settings, and files where nodes keep theirs. It shows the difference.
#   e2e/leaves-nothing.sh e2e/run.sh -run Smoke
set -uo pipefail

look() {
	echo "# processes"; ps -eo args= | grep -E 'kubenode|sandbox-|kube-|kubelet|etcd|containerd' | grep -v -e grep -e "$0" | sort
	echo "# mounts"; cut -d' ' -f4- /proc/self/mountinfo | sort
	echo "# network"; ip -o link | cut -d' ' -f2-3 | sort; ip -o address | awk '{print $2, $4}' | sort; ip netns
	echo "# rules"; iptables-save | grep -v '^#' | sed 's/\[.*\]//'; ip6tables-save | grep -v '^#' | sed 's/\[.*\]//'
	echo "# cgroups"; find /sys/fs/cgroup -type d | grep -E 'k8sorch|kubepods' | sort
	echo "# kernel"; sysctl -a 2>/dev/null | grep -E '^(kernel\.(panic|keys)|vm\.(overcommit|panic)|net\.ipv4\.ip_forward|net\.netfilter\.nf_conntrack_max)'
	echo "# files"; find /etc/cni /opt /run "${TMPDIR:-/tmp}"/k8sorch-e2e* /var/lib /var/log -maxdepth 2 2>/dev/null |
		grep -vE '^/(run/(systemd|udev|user|log|sudo)|var/lib/(apt|dpkg|systemd)|var/log/journal)' | sort -u
}

before=$(mktemp)
after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT
look >"$before"
"$@"
code=$?
look >"$after"
diff -U0 "$before" "$after" || { echo "the command left this behind" >&2; exit 1; }
echo "nothing was left behind (the command's exit code: $code)" >&2
exit "$code"
