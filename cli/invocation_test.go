package cli

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInvoked(t *testing.T) {
	t.Parallel()
	for arg0, want := range map[string]invocation{
		"./bin/train":     {"train", "./bin/train"},
		"train":           {"train", "train"},
		"train.exe":       {"train", "train.exe"},
		"/opt/exe/train":  {"train", "/opt/exe/train"},
		"/go-build/train": {"train", "/go-build/train"},
	} {
		if got := invoked(arg0); got != want {
			t.Errorf("invoked(%q) = %+v, want %+v", arg0, got, want)
		}
	}
	for _, arg0 := range []string{
		"/tmp/go-build123/b001/exe/train", "/home/me/.cache/go-build/f9/" + strings.Repeat("f9", 32) + "-d/train",
	} {
		if !builtByGoRun(arg0) {
			t.Errorf("%s is not told to be a program of go run", arg0)
		}
	}
}

func TestGoRun(t *testing.T) {
	t.Parallel()
	tests := []struct{ path, module, want string }{
		{"example.com/mod/cmd/train", "example.com/mod", "go run ./cmd/train"},
		{"example.com/mod", "example.com/mod", "go run ."},
		{"command-line-arguments", "example.com/mod", "train"},
		{"command-line-arguments", "", "train"},
	}
	for _, test := range tests {
		info := &debug.BuildInfo{Path: test.path, Main: debug.Module{Path: test.module}}
		if got := goRun("train", info); got != (invocation{"train", test.want}) {
			t.Errorf("goRun for %s of module %q = %+v, want command %q", test.path, test.module, got, test.want)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	platform := " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	library := func(version string) *debug.Module {
		return &debug.Module{Path: "github.com/org/k8sorch", Version: version}
	}
	replaced := library("v1.0.0")
	replaced.Replace = &debug.Module{Path: "../k8sorch"}
	tests := []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"a release", &debug.BuildInfo{
			GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/mod", Version: "v1.2.3"},
			Deps: []*debug.Module{{Path: "example.com/other"}, library("v0.4.0")},
		}, "train v1.2.3\ngithub.com/org/k8sorch v0.4.0\ngo1.26.8" + platform},
		{"a work tree", &debug.BuildInfo{
			GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/mod", Version: "(devel)"}, Deps: []*debug.Module{replaced},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}},
		}, "train (devel) (revision abc, modified)\ngithub.com/org/k8sorch (devel)\ngo1.26.8" + platform},
		{"nothing known", &debug.BuildInfo{}, "train (devel)\ngithub.com/org/k8sorch (unknown)\n" + runtime.Version() + platform},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := printVersion(&out, "train", test.info); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("the version differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"":                                  "''",
		"kind-dev":                          "kind-dev",
		"arn:aws:eks:eu:1:cluster/x@y+z,_%": "arn:aws:eks:eu:1:cluster/x@y+z,_%",
		"two words":                         "'two words'",
		"it's":                              `'it'\''s'`,
		"a$b":                               "'a$b'",
	} {
		if got := quoted(word); got != want {
			t.Errorf("quoted(%q) = %s, want %s", word, got, want)
		}
	}
}
