package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// session is one push's way to registries.
type session struct {
	keychain  authn.Keychain
	transport http.RoundTripper
	report    Report
}

func (p *Pusher) session() *session {
	s := &session{keychain: p.Keychain, report: p.Report, transport: p.Transport}
	if s.keychain == nil {
		s.keychain = authn.DefaultKeychain
	}
	if s.transport == nil {
		s.transport = remote.DefaultTransport
	}
	s.transport = secure{next: s.transport}
	return s
}

// options turns the library's own retries off: they sleep through a cancelled context.
func (s *session) options(ctx context.Context, transport http.RoundTripper) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuthFromKeychain(s.keychain),
		remote.WithTransport(transport),
		remote.WithUserAgent("k8sorch"),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}),
	}
}

// head returns the digest of a reference: with a HEAD request, or with a GET from registries that leave the digest out of
// a HEAD or explain a refusal only in a body.
func (s *session) head(ctx context.Context, ref name.Reference) (v1.Hash, error) {
	var digest v1.Hash
	err := retry(ctx, func() error {
		descriptor, err := remote.Head(ref, s.options(ctx, s.transport)...)
		if err == nil {
			digest = descriptor.Digest
			return nil
		}
		if noAnswer := new(url.Error); errors.As(err, &noAnswer) || status(err) == http.StatusNotFound || passing(err) {
			return err
		}
		got, err := remote.Get(ref, s.options(ctx, s.transport)...)
		if err == nil {
			digest = got.Digest
		}
		return err
	})
	return digest, err
}

// repository checks the target's names. A host is wanted where Docker would assume its Hub: a private program must not be
// published by a slip.
func (t Target) repository() (name.Repository, error) {
	registry := strings.TrimRight(t.Registry, "/")
	host, _, _ := strings.Cut(registry, "/")
	switch {
	case registry == "":
		return name.Repository{}, errors.New("no registry is set: " +
			"set Registry to the host and path images go to, such as registry.example.com/team")
	case strings.Contains(registry, "://"):
		_, rest, _ := strings.Cut(registry, "://")
		return name.Repository{}, fmt.Errorf("registry %q: leave the scheme out, as in %s; "+
			"plain http is used for loopback addresses only", t.Registry, rest)
	case host != "localhost" && !strings.ContainsAny(host, ".:"):
		return name.Repository{}, fmt.Errorf("registry %q names no host: write docker.io/%s if Docker Hub is meant",
			t.Registry, registry)
	}
	repo, err := name.NewRepository(registry + "/" + t.Name)
	if err != nil {
		return name.Repository{}, fmt.Errorf("registry %q with name %q: %w", t.Registry, t.Name, err)
	}
	return repo, nil
}
