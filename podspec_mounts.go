package pipeline

import (
	"path"
	"strings"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// What the library adds to pods is under these names, which settings may not use.
const (
	libraryDir    = reexec.PodDir
	libraryVolume = kube.RoleVolume
	libraryEnv    = reexec.EnvPrefix
	libraryDomain = "k8sorch.io"
)

// isLibraryVolume tells whether a volume's name belongs to the library.
func isLibraryVolume(name string) bool {
	return name == libraryVolume || strings.HasPrefix(name, libraryVolume+"-")
}

// isLibraryPath tells whether a directory is one of the library's or below one.
func isLibraryPath(mountPath string) bool {
	clean := path.Clean("/" + mountPath)
	return strings.HasPrefix(clean+"/", libraryDir+"/") || strings.HasPrefix(clean, libraryDir+"-")
}

// isLibraryKey tells whether a label's or annotation's key is in the library's domain.
func isLibraryKey(key string) bool { return strings.HasPrefix(key, libraryDomain+"/") }
