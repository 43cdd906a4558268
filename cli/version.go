package cli

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print what this program was built from", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = &debug.BuildInfo{}
			}
			return printVersion(prog.stdout, prog.name.name, info)
		},
	}
}

func printVersion(out io.Writer, name string, info *debug.BuildInfo) error {
	library := reflect.TypeFor[pipeline.Run]().PkgPath()
	_, err := fmt.Fprintf(out, "%s %s%s\n%s %s\n%s %s/%s\n",
		name, cmp.Or(info.Main.Version, "(devel)"), revision(info),
		library, versionOf(library, info),
		cmp.Or(info.GoVersion, runtime.Version()), runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return &exitError{ExitFailed, fmt.Errorf("writing the version: %w", err)}
	}
	return nil
}

// revision returns the state of the sources, if that is known.
func revision(info *debug.BuildInfo) string {
	var known []string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			known = append(known, "revision "+s.Value)
		case s.Key == "vcs.modified" && s.Value == "true":
			known = append(known, "modified")
		}
	}
	if len(known) == 0 {
		return ""
	}
	return " (" + strings.Join(known, ", ") + ")"
}

// versionOf returns the version of a module that the program was built with.
func versionOf(path string, info *debug.BuildInfo) string {
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == path {
			for m.Replace != nil {
				m = m.Replace
			}
			return cmp.Or(m.Version, "(devel)")
		}
	}
	return "(unknown)"
}
