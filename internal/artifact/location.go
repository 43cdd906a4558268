package artifact

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"
)

// The URL schemes that need no package beyond this one.
const (
	// SchemeFile is a directory: file:///absolute/path.
	SchemeFile = "file"
	// SchemeClaim is a directory in a PersistentVolumeClaim: pvc://claim/path, or pvc://claim for all of it.
	SchemeClaim = "pvc"
)

// Location is where a store is, as its URL says.
type Location struct {
	// Scheme is SchemeFile or SchemeClaim.
	Scheme string
	// Claim is the name of the claim, with SchemeClaim only.
	Claim string
	// Path is the slash-separated directory: absolute with SchemeFile; relative to the volume with SchemeClaim, where
	// it is empty for the volume's root.
	Path string
}

// ParseURL parses the URL of an artifact store. A scheme that it does not know is a [*SchemeError]; the other errors are
// mistakes in the URL. No error repeats credentials.
func ParseURL(text string) (Location, error) {
	u, err := url.Parse(text)
	if err != nil {
		// The cause quotes the text, and a password with a slash is a common reason to be here.
		return Location{}, errors.New("artifact store URL: it cannot be parsed; percent-encode what is special in it, and keep credentials out")
	}
	location, err := locate(u)
	if err != nil {
		return Location{}, fmt.Errorf("artifact store URL %s: %w", RedactURL(text), err)
	}
	return location, nil
}

func locate(u *url.URL) (Location, error) {
	if u.User != nil {
		return Location{}, errors.New("it holds credentials, and it is stored readable in the cluster; give them to the pods by a Secret or a service account")
	}
	switch u.Scheme {
	case SchemeFile:
		return locateFile(u)
	case SchemeClaim:
		return locateClaim(u)
	case "":
		return Location{}, errors.New("it has no scheme; a directory is file:///absolute/path")
	}
	return Location{}, &SchemeError{Scheme: u.Scheme}
}

func locateFile(u *url.URL) (Location, error) {
	if u.Host != "" || u.Opaque != "" {
		return Location{}, errors.New("its path is not absolute; write three slashes: file:///absolute/path")
	}
	dir, err := cleanPath(u)
	if err != nil {
		return Location{}, err
	}
	if dir == "" {
		return Location{}, errors.New("it names no directory; write file:///absolute/path")
	}
	return Location{Scheme: SchemeFile, Path: "/" + dir}, nil
}

func locateClaim(u *url.URL) (Location, error) {
	if problems := validation.IsDNS1123Subdomain(u.Host); len(problems) > 0 {
		return Location{}, fmt.Errorf("%.100q is not the name of a claim: %s", u.Host, strings.Join(problems, "; "))
	}
	dir, err := cleanPath(u)
	if err != nil {
		return Location{}, err
	}
	return Location{Scheme: SchemeClaim, Claim: u.Host, Path: dir}, nil
}

// cleanPath returns the path of u without slashes around it.
func cleanPath(u *url.URL) (string, error) {
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", errors.New(`it has a query or fragment, which a directory has no use for; write "?" as %3F and "#" as %23`)
	}
	if strings.ContainsFunc(u.Path, unicode.IsControl) || strings.Contains(u.Path, `\`) {
		return "", errors.New("its path has control characters or backslashes")
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if part == ".." {
			return "", errors.New(`its path has "..", which may lead out of the directory; write where it leads`)
		}
	}
	return strings.Trim(path.Clean("/"+u.Path), "/"), nil
}

// String returns the URL in its plainest form.
func (l Location) String() string {
	u := url.URL{Scheme: l.Scheme, Host: l.Claim, Path: l.Path}
	if l.Path != "" {
		u.Path = path.Join("/", l.Path)
	}
	return u.String()
}

// Dir returns the store of a file location, or that of a claim mounted at the directory mount.
func (l Location) Dir(mount string) *Dir {
	if l.Scheme == SchemeFile {
		return NewDir(filepath.FromSlash(l.Path))
	}
	return &Dir{path: filepath.Join(mount, filepath.FromSlash(l.Path)), name: l.String()}
}

// SchemeError says that no built-in store serves a URL scheme.
type SchemeError struct {
	// Scheme is the URL's scheme, in lower case.
	Scheme string
}

// Error implements error.
func (e *SchemeError) Error() string {
	switch e.Scheme {
	case "s3", "gs", "azblob":
		return fmt.Sprintf("%s:// needs the bucket package: import %q and pass pipeline.WithArtifactStores(bucket.Open)",
			e.Scheme, "github.com/org/k8sorch/bucket")
	}
	return fmt.Sprintf("no artifact store serves %s://; "+
		"use file:///directory or pvc://claim/path, or pass pipeline.WithArtifactStores a function that opens it", e.Scheme)
}
