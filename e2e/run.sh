#!/usr/bin/env bash
# Runs the end-to-end tests in a Kubernetes of their own that leaves nothing behind. Arguments go to go test:
#   e2e/run.sh -v -run Smoke
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root
install_packages
bin=$(build_cluster)

# There is no way to a module proxy from inside: whatever the tests build has to be downloaded before.
cd "$e2e"
say "Building the tests"
go test -c -o /dev/null ./...
(cd .. && go list -e -deps ./... >/dev/null)

exec "$bin/kubenode" up -- env GOPROXY=off go test -count=1 "$@" ./...
