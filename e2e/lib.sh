# Sourced by the scripts beside it: the packages a cluster and the tests need, and its program, built once and kept.

e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/k8sorch-e2e
# The state folder of the cluster started by hand.
state=${TMPDIR:-/tmp}/k8sorch-e2e-cluster

say() { echo "$*" >&2; }

require_root() {
	[ "$(id -u)" = 0 ] || { say "This needs root: it makes namespaces, mounts and cgroups."; exit 1; }
}

# running_cluster prints the process to signal to stop the cluster started by hand, if it runs. The number alone could
# be another process's by now.
running_cluster() {
	local pid
	pid=$(cat "$state/pid" 2>/dev/null) || return
	[[ $(readlink "/proc/$pid/exe") == */kubenode* ]] && echo "$pid"
}

# install_packages installs what the node and the tests take from the distribution, where it is missing. A machine with another
# containerd or runc, such as docker's, keeps it.
install_packages() {
	local missing=()
	command -v containerd >/dev/null || missing+=(containerd)
	command -v runc >/dev/null || missing+=(runc)
	command -v iptables >/dev/null || missing+=(iptables)
	command -v ip >/dev/null || missing+=(iproute2)
	[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
	command -v tmux >/dev/null || missing+=(tmux)
	[ -e /usr/share/bash-completion/bash_completion ] || missing+=(bash-completion)
	[ ${#missing[@]} = 0 ] && return
	say "Installing ${missing[*]}"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2
}

# build_cluster prints the folder with the cluster's programs. It builds them when a source, a module or the Go version
# has changed; from an empty Go cache that takes about 9 minutes on 2 cores.
build_cluster() {
	local key bin
	key=$(cd "$e2e/cluster" && { go env GOVERSION GOARCH; find . -type f | LC_ALL=C sort | xargs sha256sum; } | sha256sum | cut -c1-16)
	bin=$cache/$key
	mkdir -p "$cache"
	(
		flock 9
		[ -d "$bin" ] && exit
		say "Building Kubernetes into $bin"
		find "$cache" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
		compile "$bin.new" && mv "$bin.new" "$bin"
	) 9>"$cache/lock" || return
	echo "$bin"
}

# compile builds into the folder $1. An API server that is not told its version calls itself v0.0.0, which clients
# that ask for it refuse.
compile() {
	local package=k8s.io/component-base/version version major minor
	version=$(cd "$e2e/cluster" && go list -m -f '{{.Version}}' k8s.io/kubernetes) || return
	IFS=. read -r major minor _ <<<"${version#v}"
	(cd "$e2e/cluster" && CGO_ENABLED=0 go build -trimpath -o "$1/" -ldflags "-s -w
		-X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor" ./cmd/...)
}
