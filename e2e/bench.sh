#!/usr/bin/env bash
# Compares k8sorch with the stand-ins on control planes of its own, which leave nothing behind. Arguments go to e2e/bench:
#   e2e/bench.sh -only Chain -rounds 1
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root
install_packages
bin=$(build_cluster)

cd "$e2e"
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
say "Building the benchmark and its program"
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$programs/harness" ./bench
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$programs/program" ./testdata/bench
"$programs/harness" -kubenode "$bin/kubenode" -program "$programs/program" "$@"
