package image

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// rebuild compiles the main package of a running executable again, static and for another platform.
type rebuild struct {
	running  executable
	platform Platform
	// dir is where the go command runs.
	dir string
}

// into builds into the directory and returns the new executable.
func (r rebuild) into(ctx context.Context, dir string) (executable, error) {
	if err := r.possible(); err != nil {
		return executable{}, err
	}
	if err := r.checkSources(ctx); err != nil {
		return executable{}, err
	}
	path := filepath.Join(dir, "executable")
	if _, err := runGo(ctx, r.dir, r.environment("0"), r.buildArgs(path)...); err != nil {
		return executable{}, err
	}
	built, err := inspect(path)
	if err != nil {
		return executable{}, err
	}
	if !built.static || built.platform != r.platform {
		return executable{}, fmt.Errorf("rebuilding %s gave an executable for %s that needs %s",
			r.running.info.Path, built.platform, built.needs())
	}
	return built, nil
}

// possible tells what no source tree can mend.
func (r rebuild) possible() error {
	switch info := r.running.info; {
	case info == nil:
		return errors.New("the executable has no Go build information that names its main package")
	case info.Path == "command-line-arguments":
		return errors.New("the program was started from single files: run its package directory instead, as in go run ./dir")
	case strings.HasSuffix(info.Path, ".test"):
		return errors.New("a test binary cannot be rebuilt: run go test with CGO_ENABLED=0 on the platform of the nodes")
	}
	return nil
}

// checkSources makes sure that the sources at hand are the program's own, and that they mean the same without cgo.
func (r rebuild) checkSources(ctx context.Context) error {
	const template = `{{if not .DepOnly}}main {{.Name}} {{with .Module}}{{.Main}}{{end}}{{"\n"}}{{end}}` +
		`{{if and .CgoFiles (not .Standard)}}cgo {{.ImportPath}}{{end}}`
	args := append([]string{"list", "-deps", "-f", template}, r.sameFlags()...)
	out, err := runGo(ctx, r.dir, r.environment(r.running.setting("CGO_ENABLED")), append(args, r.running.info.Path)...)
	if err != nil {
		return err
	}
	var cgo []string
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "cgo":
			cgo = append(cgo, fields[1])
		case line != "main main true\n":
			return fmt.Errorf("%s is not a main package of the module in %s: run the program from its own module",
				r.running.info.Path, r.where())
		}
	}
	if len(cgo) > 0 {
		return fmt.Errorf("it uses cgo (%s): if it works without, run it with CGO_ENABLED=0", strings.Join(cgo, ", "))
	}
	return nil
}

// buildArgs undoes what GOFLAGS may hold that cannot be had in a static executable. VCS stamps are made where the running
// executable has them: go run makes none, and a stamp would change the image with every commit.
func (r rebuild) buildArgs(path string) []string {
	stamp := "-buildvcs=false"
	if r.running.setting("vcs") != "" {
		stamp = "-buildvcs=auto"
	}
	ldflags := strings.TrimSpace(r.running.setting("-ldflags") + " -s -w")
	args := []string{"build", "-o", path, "-trimpath", "-race=false", "-buildmode=exe", stamp, "-ldflags=" + ldflags}
	return append(append(args, r.sameFlags()...), r.running.info.Path)
}

// sameFlags are the flags that decide which files are compiled. The -mod flag is not recorded in an executable; the one in
// GOFLAGS applies by itself.
func (r rebuild) sameFlags() []string {
	if tags := r.running.setting("-tags"); tags != "" {
		return []string{"-tags=" + tags}
	}
	return nil
}

func (r rebuild) environment(cgo string) []string {
	env := []string{"CGO_ENABLED=" + cgo, "GOOS=" + r.platform.OS, "GOARCH=" + r.platform.Arch}
	keys := []string{"GOEXPERIMENT", "GOFIPS140"}
	if r.running.platform.Arch == r.platform.Arch {
		keys = append(keys, "GO"+strings.ToUpper(r.platform.Arch))
	}
	for _, key := range keys {
		if value := r.running.setting(key); value != "" {
			env = append(env, key+"="+value)
		}
	}
	return env
}

func (r rebuild) where() string {
	if abs, err := filepath.Abs(r.dir); err == nil {
		return abs
	}
	return r.dir
}
