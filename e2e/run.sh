#!/usr/bin/env bash
# Runs the end-to-end tests in a Kubernetes of their own that leaves nothing behind. Arguments go to go test:
#   e2e/run.sh -v -run Smoke
# With K8SORCH_E2E_LOGS set to a folder, the logs of the cluster's parts are copied there at the end.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root
install_packages
bin=$(build_cluster)

# There is no way to a module proxy from inside: whatever the tests build has to be downloaded before. What takes long is
# compiled, so that no test waits for it.
cd "$e2e"
say "Building the tests and their programs"
go test -c -o /dev/null ./...
CGO_ENABLED=0 go build -trimpath ./testdata/*/
(cd .. && go list -e -deps ./... >/dev/null)

exec "$bin/kubenode" up -logs "${K8SORCH_E2E_LOGS:-}" -- env GOPROXY=off go test -count=1 "$@" ./...
