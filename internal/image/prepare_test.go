package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module is a program's source: files by name, next to a go.mod for example.com/program.
type module map[string]string

func (m module) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"go.mod": "module example.com/program\n\ngo 1.26\n"}
	maps.Copy(files, m)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func plain() module {
	return module{"main.go": "package main\n\nfunc main() { println(greeting) }\n", "greeting.go": "package main\n\nconst greeting = `hello`\n"}
}

// linked uses cgo as most programs do: through the standard library, which does without if it must.
func linked() module {
	return module{"main.go": "package main\n\nimport \"os/user\"\n\nfunc main() { user.Current() }\n"}
}

func native() module {
	return module{"main.go": "package main\n\n// #include <stdlib.h>\nimport \"C\"\n\nfunc main() { println(C.abs(-1)) }\n"}
}

// compile builds what is to be the running executable, in the module's directory and with its arguments after go build.
func compile(t *testing.T, dir, cgo string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); cgo == "1" && err != nil {
		t.Skip("needs a C compiler")
	}
	path := filepath.Join(t.TempDir(), "running")
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"build", "-buildvcs=false", "-o", path}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return path
}

// here is the platform of this machine, and elsewhere is another.
func here() Platform { return Platform{OS: runtime.GOOS, Arch: runtime.GOARCH} }

func elsewhere() Platform {
	if here() == arm64() {
		return amd64()
	}
	return arm64()
}

func TestStaticExecutableIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	running := compile(t, plain().write(t), "0")
	src := Source{Executable: running, Dir: t.TempDir(), Platform: here()}
	b, err := Prepare(t.Context(), src, func(p Progress) { t.Errorf("reported %v", p) })
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if b.path != running {
		t.Errorf("took %s, want %s", b.path, running)
	}
}

func TestExecutableForAnotherPlatformIsRebuilt(t *testing.T) {
	t.Parallel()
	dir := plain().write(t)
	src := Source{Executable: compile(t, dir, "0"), Dir: dir, Platform: elsewhere()}
	first, second := prepare(t, src), prepare(t, src)
	if got := inspected(t, first); !got.static || got.platform != elsewhere() {
		t.Errorf("rebuilt for %s, static %t; want %s, static", got.platform, got.static, elsewhere())
	}
	if first.digest != second.digest {
		t.Errorf("two builds of the same source are %s and %s", first.digest, second.digest)
	}
}

func inspected(t *testing.T, b *Binary) executable {
	t.Helper()
	exe, err := inspect(b.path)
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func TestDynamicExecutableIsRebuiltStatic(t *testing.T) {
	t.Parallel()
	dir := linked().write(t)
	running := compile(t, dir, "1")
	if exe, err := inspect(running); err != nil || exe.static {
		t.Fatalf("inspect = %+v, %v; want a dynamic executable", exe, err)
	}
	var phases []Phase
	b, err := Prepare(t.Context(), Source{Executable: running, Dir: dir, Platform: here()}, func(p Progress) { phases = append(phases, p.Phase) })
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got := inspected(t, b); !got.static || got.platform != here() {
		t.Errorf("rebuilt for %s, static %t; want %s, static", got.platform, got.static, here())
	}
	if diff := cmp.Diff([]Phase{Building}, phases); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

// One source is one image, whoever compiles it and wherever: what is pushed has been built without the paths of the machine.
func TestTwoBuildsAreOneDigest(t *testing.T) {
	t.Parallel()
	var digests []string
	for range 2 {
		dir := linked().write(t)
		b := prepare(t, Source{Executable: compile(t, dir, "1"), Dir: dir, Platform: here()})
		digests = append(digests, push(t, newHub().pusher(), b, onBase("")))
	}
	if digests[0] != digests[1] {
		t.Errorf("built twice: %s and %s", digests[0], digests[1])
	}
}

func TestRebuildKeepsTagsAndLinkerFlags(t *testing.T) {
	t.Parallel()
	m := plain()
	m["greeting.go"] = "//go:build polite\n\npackage main\n\nvar greeting string\n"
	dir := m.write(t)
	running := compile(t, dir, "0", "-tags=polite", "-ldflags=-X main.greeting=salutations")
	b := prepare(t, Source{Executable: running, Dir: dir, Platform: elsewhere()})
	content, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("salutations")) {
		t.Error("the rebuilt executable lacks the value set by -X")
	}
}

func TestExecutableThatNeedsCgo(t *testing.T) {
	t.Parallel()
	dir := native().write(t)
	running := compile(t, dir, "1")

	b := prepare(t, Source{Executable: running, Dir: dir, Platform: here()})
	if b.path != running {
		t.Errorf("took %s, want the running executable", b.path)
	}
	h := newHub()
	_, err := h.pusher().Push(t.Context(), b, onBase(""))
	wantError(t, err, "the executable needs libc.so.6 and could not be rebuilt without; set BaseImage to an image that has what it needs",
		"it uses cgo (example.com/program): if it works without, run it with CGO_ENABLED=0")
	push(t, h.pusher(), b, onBase(h.addBase(t, baseImage(t, here()))))

	_, err = Prepare(t.Context(), Source{Executable: running, Dir: dir, Platform: elsewhere()}, nil)
	wantError(t, err, fmt.Sprintf("preparing the executable for %s: the running executable is for %s and could not be rebuilt", elsewhere(), here()),
		"it uses cgo (example.com/program)")
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error = %v\nwant it to contain %s", err, part)
		}
	}
}

func TestRebuildErrors(t *testing.T) {
	t.Parallel()
	dir := plain().write(t)
	whole, single := compile(t, dir, "0"), compile(t, dir, "0", "main.go", "greeting.go")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	broken := module{"main.go": "package main\n\nfunc main() { undefined() }\n"}.write(t)
	dependent := module{
		"go.mod":  "module example.com/other\n\ngo 1.26\n\nrequire example.com/program v1.0.0\n\nreplace example.com/program => " + dir + "\n",
		"main.go": "package main\n\nimport _ \"example.com/program\"\n\nfunc main() {}\n",
	}.write(t)
	for name, test := range map[string]struct {
		src  Source
		want string
	}{
		"single files":     {Source{Executable: single, Dir: dir}, "run its package directory instead, as in go run ./dir"},
		"test binary":      {Source{Executable: self, Dir: dir}, "a test binary cannot be rebuilt: run go test with CGO_ENABLED=0"},
		"no sources":       {Source{Executable: whole, Dir: t.TempDir()}, "running go list: exit status 1:\n"},
		"another's module": {Source{Executable: whole, Dir: dependent}, "is not a main package of the module in " + dependent},
		"does not compile": {Source{Executable: whole, Dir: broken}, "undefined: undefined"},
		"not Go":           {Source{Executable: filepath.Join(dir, "main.go"), Dir: dir}, "no Go build information"},
		"no file":          {Source{Executable: filepath.Join(dir, "absent"), Dir: dir}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			test.src.Platform = elsewhere()
			_, err := Prepare(t.Context(), test.src, nil)
			wantError(t, err, "preparing the executable for "+elsewhere().String()+": ", test.want)
		})
	}
}

func TestPrepareWithoutGoCommand(t *testing.T) {
	dir := plain().write(t)
	running := compile(t, dir, "0")
	t.Setenv("PATH", t.TempDir())
	_, err := Prepare(t.Context(), Source{Executable: running, Dir: dir, Platform: elsewhere()}, nil)
	wantError(t, err, "rebuilding needs the go command: ")
}

func TestPrepareIsCancelled(t *testing.T) {
	t.Parallel()
	dir := plain().write(t)
	running := compile(t, dir, "0")
	reason := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := Prepare(ctx, Source{Executable: running, Dir: dir, Platform: elsewhere()}, func(Progress) { cancel(reason) })
	if !errors.Is(err, reason) {
		t.Errorf("error = %v, want %v", err, reason)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	b, err := Prepare(t.Context(), Source{Executable: elfFile(t, ""), Platform: amd64()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	push(t, newHub().pusher(), b, onBase(""))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(b.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat %s: %v, want it gone", b.dir, err)
	}
}

func TestDefaultExecutableIsTheProgram(t *testing.T) {
	t.Parallel()
	path, err := Source{}.executable()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	got, err := fileDigest(path)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := fileDigest(self); err != nil || got != want {
		t.Errorf("%s is not %s: %v", path, self, err)
	}
}

// Not parallel: it counts what the whole process allocates.
func TestMemoryDoesNotGrowWithTheExecutable(t *testing.T) {
	const size = 64 << 20
	path := elfFile(t, "")
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b := prepare(t, Source{Executable: path, Platform: amd64()})
	l, err := b.layer()
	if err != nil {
		t.Fatal(err)
	}
	content, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	read, err := io.Copy(io.Discard, content)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; read < size || got > size/8 {
		t.Errorf("allocated %d bytes for a layer of %d", got, read)
	}
}
