package image

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// executable is what can be read from a program file without running it.
type executable struct {
	path string
	// platform is zero for what is neither ELF nor built by Go.
	platform Platform
	// static says that it runs on an empty file system: no dynamic loader, no shared libraries.
	static    bool
	libraries []string
	// info is nil for an executable without Go's build information.
	info *debug.BuildInfo
}

func inspect(path string) (executable, error) {
	file, err := os.Open(path)
	if err != nil {
		return executable{}, fmt.Errorf("inspecting executable: %w", err)
	}
	defer file.Close()

	exe := executable{path: path}
	if info, err := buildinfo.Read(file); err == nil {
		exe.info = info
		exe.platform = Platform{OS: exe.setting("GOOS"), Arch: exe.setting("GOARCH")}
	}
	object, err := elf.NewFile(file)
	if notELF := new(elf.FormatError); errors.As(err, &notELF) {
		return exe, nil
	}
	if err != nil {
		return executable{}, fmt.Errorf("inspecting executable %s: %w", path, err)
	}
	return exe, exe.readELF(object)
}

func (e *executable) readELF(object *elf.File) error {
	if linux := object.OSABI == elf.ELFOSABI_NONE || object.OSABI == elf.ELFOSABI_LINUX; linux && e.info == nil {
		e.platform = Platform{OS: "linux", Arch: elfArch(object)}
	}
	libraries, err := object.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("reading the shared libraries of %s: %w", e.path, err)
	}
	loader := slices.ContainsFunc(object.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
	e.libraries = libraries
	e.static = !loader && len(libraries) == 0
	return nil
}

// setting returns a build setting of the executable, such as "-tags" or "CGO_ENABLED".
func (e *executable) setting(key string) string {
	if e.info == nil {
		return ""
	}
	for _, s := range e.info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// needs describes what a dynamic executable wants from its base.
func (e *executable) needs() string {
	if len(e.libraries) == 0 {
		return "a dynamic loader"
	}
	return strings.Join(e.libraries, ", ")
}

func elfArch(object *elf.File) string {
	switch object.Machine {
	case elf.EM_X86_64:
		return "amd64"
	case elf.EM_AARCH64:
		return "arm64"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_PPC64:
		return "ppc64le"
	case elf.EM_RISCV:
		return "riscv64"
	case elf.EM_S390:
		return "s390x"
	}
	return object.Machine.String()
}
