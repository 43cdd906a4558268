#!/usr/bin/env bash
# Stops the cluster that cluster-up.sh started, and waits until nothing of it is left.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ ! -e "$state/pid" ]; then
	say "No cluster is up."
	exit
fi
cluster=$(cat "$state/pid")
kill "$cluster"
tail --pid="$cluster" -f /dev/null
