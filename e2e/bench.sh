#!/usr/bin/env bash
# Compares k8sorch with the stand-ins on control planes of its own, which leave nothing behind. Arguments go to e2e/bench:
#   e2e/bench.sh -only Chain -rounds 1
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root
install_packages
bin=$(build_cluster)

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
say "Building the benchmark and its program"
(
	cd "$e2e"
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$programs/harness" ./bench
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$programs/program" ./testdata/bench
)
commit=$(git -C "$e2e" describe --always --dirty) || commit="an unknown commit"
# In the caller's directory, where the paths among the arguments begin.
"$programs/harness" -kubenode "$bin/kubenode" -program "$programs/program" -source "$(dirname "$e2e")" -commit "$commit" -out "$e2e/bench/results" "$@"
