package artifact_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	tests := map[string]artifact.Location{
		"file:///var/lib/artifacts":  {Scheme: "file", Path: "/var/lib/artifacts"},
		"FILE:///var//lib/./x/":      {Scheme: "file", Path: "/var/lib/x"},
		"file:/var/lib":              {Scheme: "file", Path: "/var/lib"},
		"file:///with%20space/%3F":   {Scheme: "file", Path: "/with space/?"},
		"pvc://claim":                {Scheme: "pvc", Claim: "claim"},
		"pvc://claim/":               {Scheme: "pvc", Claim: "claim"},
		"pvc://team.claim-1/a/b/":    {Scheme: "pvc", Claim: "team.claim-1", Path: "a/b"},
		"pvc://claim/..two/dots../x": {Scheme: "pvc", Claim: "claim", Path: "..two/dots../x"},
	}
	for text, want := range tests {
		got, err := artifact.ParseURL(text)
		if err != nil {
			t.Errorf("ParseURL(%q): %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseURL(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // URL → what the error must say
		"":                          "file:///absolute/path",
		"/var/lib":                  "file:///absolute/path",
		"file://var/lib":            "three slashes",
		"file:var/lib":              "three slashes",
		"file://":                   "names no directory",
		"file:///":                  "names no directory",
		"file:///a/../../etc":       `".."`,
		"file:///a/%2e%2e/etc":      `".."`,
		"file:///a?b=c":             "query",
		"file:///a#b":               "fragment",
		"file:///a%00b":             "control characters",
		"pvc:///path":               "name of a claim",
		"pvc://Claim/path":          "name of a claim",
		"pvc://claim:80/path":       "name of a claim",
		"pvc://claim/../other":      `".."`,
		"pvc://claim/a%2f..%2fb":    `".."`,
		`pvc://claim/a\..\b`:        "backslashes",
		"s3://bucket/prefix?q=v":    "pipeline.WithArtifactStores(bucket.Open)",
		"gs://bucket":               "github.com/org/k8sorch/bucket",
		"azblob://container":        "github.com/org/k8sorch/bucket",
		"ftp://host/path":           "no artifact store serves ftp://",
		"s3://key:secret@bucket":    "credentials",
		"s3://key:sec/ret@bucket":   "credentials",
		"pvc://key:secret@claim/..": "credentials",
	}
	for text, want := range tests {
		location, err := artifact.ParseURL(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseURL(%q) = %v, %v, want an error with %q", text, location, err, want)
			continue
		}
		if strings.Contains(err.Error(), "sec") {
			t.Errorf("ParseURL(%q) repeats the secret: %v", text, err)
		}
	}
}

func TestSchemeError(t *testing.T) {
	t.Parallel()
	_, err := artifact.ParseURL("s3://bucket")
	if unknown, ok := errors.AsType[*artifact.SchemeError](err); !ok || unknown.Scheme != "s3" {
		t.Errorf("ParseURL = %v, want a SchemeError for s3", err)
	}
}

func TestLocationDir(t *testing.T) {
	t.Parallel()
	mount := t.TempDir()
	s := artifact.Location{Scheme: artifact.SchemeClaim, Claim: "claim", Path: "a/b"}.Dir(mount)
	if _, file := put(t, s, path.Join(mount, "a/b"), []byte("x")); !strings.HasPrefix(file, mount) {
		t.Errorf("the artifact is at %s, outside %s", file, mount)
	}
	if s.String() != "pvc://claim/a/b" {
		t.Errorf("the store is called %s, want its URL", s)
	}
}

func TestRedactURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"s3://bucket/prefix":             "s3://bucket/prefix",
		"s3://u:secret@b/p?sig=secret#f": "s3://b/p",
		"u:secret@b":                     "(withheld)",
		"s3://b/%zz?secret":              "(withheld)",
	} {
		if got := artifact.RedactURL(text); got != want {
			t.Errorf("RedactURL(%q) = %s, want %s", text, got, want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"file:///a/b", "file:a", "pvc://claim/a", "pvc://claim/%2e%2e/a", "s3://u:p@b?q#f", "pvc://claim/a%00", "file:////a", "pvc://c//a/./",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		location, err := artifact.ParseURL(text)
		if err != nil {
			return
		}
		again, err := artifact.ParseURL(location.String())
		if err != nil || again != location {
			t.Errorf("%q is %+v, but its URL %s is %+v, %v", text, location, location, again, err)
		}
		dir := location.Path
		if location.Scheme == artifact.SchemeFile {
			if !strings.HasPrefix(dir, "/") || dir == "/" {
				t.Fatalf("%q leads to %q", text, dir)
			}
			dir = dir[1:]
		}
		if dir != "" && (path.Clean(dir) != dir || strings.HasPrefix(dir, "/") || strings.HasPrefix(dir+"/", "../")) {
			t.Errorf("%q leads to %q", text, dir)
		}
	})
}
