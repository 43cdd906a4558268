package cli

import (
	"crypto/sha256"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// invocation is how people call the program.
type invocation struct {
	// name is the program's own name.
	name string
	// command is what was typed to start it: a path, or "go run ./x".
	command string
}

// invoked reads the invocation from the first of a process's arguments.
func invoked(arg0 string) invocation {
	name := strings.TrimSuffix(filepath.Base(arg0), ".exe")
	if !builtByGoRun(arg0) {
		return invocation{name: name, command: arg0}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return goRun(name, info)
	}
	return invocation{name: name, command: name}
}

// builtByGoRun tells by where "go run" puts what it builds: <temporary>/go-build…/…/exe/<name>, or, since Go 1.24,
// <build cache>/…/<hash>-d/<name>.
func builtByGoRun(arg0 string) bool {
	dir := filepath.Base(filepath.Dir(arg0))
	hash, cached := strings.CutSuffix(dir, "-d")
	return dir == "exe" && strings.Contains(filepath.ToSlash(arg0), "/go-build") || cached && len(hash) == 2*sha256.Size
}

// goRun returns the invocation of a package from its module's directory.
func goRun(name string, info *debug.BuildInfo) invocation {
	dir, inModule := strings.CutPrefix(info.Path, info.Main.Path)
	switch {
	case !inModule || info.Main.Path == "":
		// Single files were given, and they are not known.
		return invocation{name: name, command: name}
	case dir == "":
		return invocation{name: name, command: "go run ."}
	}
	return invocation{name: name, command: "go run ." + dir}
}
