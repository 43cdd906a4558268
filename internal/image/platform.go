package image

import (
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Platform is what an executable runs on, in Go's words. It is comparable.
type Platform struct {
	// OS is the operating system; "linux" for anything that goes to a cluster.
	OS string
	// Arch is the processor architecture, such as "amd64".
	Arch string
}

// String returns the platform as "linux/amd64".
func (p Platform) String() string { return p.OS + "/" + p.Arch }

// ParsePlatform reads "linux/arm64", the form of an API server's /version, or just "arm64". It also knows the kernel's
// names x86_64 and aarch64. Anything but Linux on an architecture that Kubernetes nodes run on is an error.
func ParsePlatform(s string) (Platform, error) {
	os, arch, found := strings.Cut(s, "/")
	if !found {
		os, arch = "linux", s
	}
	arch = goArch(arch)
	if os != "linux" {
		return Platform{}, fmt.Errorf("platform %q: only linux nodes are supported, such as linux/amd64", s)
	}
	if known := architectures(); !slices.Contains(known, arch) {
		return Platform{}, fmt.Errorf("platform %q: unknown architecture %q, want one of %s", s, arch, strings.Join(known, ", "))
	}
	return Platform{OS: os, Arch: arch}, nil
}

// architectures lists what Kubernetes releases node binaries for, and riscv64, which distributions build it for.
func architectures() []string {
	return []string{"amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x"}
}

func goArch(name string) string {
	switch name {
	case "x86_64":
		return "amd64"
	case "aarch64", "arm64/v8":
		return "arm64"
	}
	return name
}

func (p Platform) oci() v1.Platform { return v1.Platform{OS: p.OS, Architecture: p.Arch} }
