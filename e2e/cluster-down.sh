#!/usr/bin/env bash
# Stops the cluster that cluster-up.sh started, and waits until nothing of it is left.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! cluster=$(running_cluster); then
	say "No cluster is up."
	exit
fi
kill "$cluster"
tail --pid="$cluster" -s 0.1 -f /dev/null
