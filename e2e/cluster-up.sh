#!/usr/bin/env bash
# Starts a Kubernetes for working by hand and leaves it running until cluster-down.sh. Prints shell exports for using it:
#   eval "$(e2e/cluster-up.sh)"
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root
if running_cluster >/dev/null && [ -e "$state/env" ]; then
	say "The cluster is up already."
	cat "$state/env"
	exit
fi
install_packages
bin=$(build_cluster)

log=$cache/cluster.log
: >"$log"
setsid "$bin/kubenode" up -host-access -state "$state" </dev/null >/dev/null 2>>"$log" &
cluster=$!
tail --pid="$cluster" -n +1 -f "$log" >&2 &
follower=$!
until running_cluster >/dev/null && [ -e "$state/env" ]; do
	kill -0 "$cluster" 2>/dev/null || { wait "$follower"; exit 1; }
	sleep 0.2
done
kill "$follower"
say "Stop it with $e2e/cluster-down.sh; its log is $log, those of its parts are in $state/logs."
cat "$state/env"
