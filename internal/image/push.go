package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// format names the way images are put together. It is part of their tags: change it with anything that gives the same
// executable another image.
const format = "2"

// Target says where an image goes and what it stands on.
type Target struct {
	// Registry is the host and path that the repository is under, such as "127.0.0.1:5000" or "registry.example.com/team". Docker Hub
	// must be named: "docker.io/team". Required.
	Registry string
	// Name is the last element of the repository, the pipeline's name. Required.
	Name string
	// Base is the reference of the base image. The default is an empty file system but for the certificates of public
	// authorities.
	Base string
}

// Pusher puts images into registries. Its zero value is ready to use.
type Pusher struct {
	// Keychain finds credentials. The default reads the configuration of Docker, or else of Podman, and runs the
	// credential helpers it names.
	Keychain authn.Keychain
	// Transport makes the requests. The default is go-containerregistry's: proxies from the environment, 30 s to connect.
	Transport http.RoundTripper
	// Report, if any, is told of the progress.
	Report Report
}

// Push makes sure that an image of the executable is in the registry and returns its reference by digest, such as
// "registry.example.com/team/train@sha256:…". Passing failures of the network and of registries are retried three times within about
// ten seconds; what is left for the user to mend is in the error, with the remedy.
func (p *Pusher) Push(ctx context.Context, b *Binary, t Target) (string, error) {
	repo, err := t.repository()
	if err != nil {
		return "", err
	}
	if err := b.checkBase(t.Base); err != nil {
		return "", fmt.Errorf("pushing image %s: %w", repo, err)
	}
	s := p.session()
	on, tag, digest, err := s.check(ctx, b.Identity(), repo, t.Base)
	if err != nil {
		return "", err
	}
	if digest == (v1.Hash{}) {
		if digest, err = s.upload(ctx, b, on, tag, t.Name); err != nil {
			return "", err
		}
	}
	return s.done(repo, digest), nil
}

// Find returns the reference of an image that Push has put into the registry before; empty when it is not there any more.
func (p *Pusher) Find(ctx context.Context, i Identity, t Target) (string, error) {
	repo, err := t.repository()
	if err != nil {
		return "", err
	}
	s := p.session()
	_, _, digest, err := s.check(ctx, i, repo, t.Base)
	if err != nil || digest == (v1.Hash{}) {
		return "", err
	}
	return s.done(repo, digest), nil
}

// Identity tells the images of one executable from those of others.
type Identity struct {
	platform Platform
	digest   v1.Hash
}

// Identity returns what the executable is known by, also when its file is there no more.
func (b *Binary) Identity() Identity { return Identity{b.platform, b.digest} }

// tag names the image by all that decides what is in it. The certificates of an image without a base are in the executable,
// too, and so in its digest.
func (i Identity) tag(on base) string {
	h := sha256.New()
	fmt.Fprintln(h, format, i.platform, i.digest, on.name, on.ref.DigestStr())
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// check looks for the image of an executable on a base, and returns the zero hash where there is none.
func (s *session) check(ctx context.Context, i Identity, repo name.Repository, baseRef string) (on base, tag name.Tag, digest v1.Hash, err error) {
	s.report.send(Progress{Phase: Checking, Image: repo.String()})
	if on, err = s.pinBase(ctx, baseRef); err != nil {
		return on, tag, digest, err
	}
	tag = repo.Tag(i.tag(on))
	if digest, err = s.find(ctx, tag); err != nil {
		err = pushError(ctx, repo, err)
	}
	return on, tag, digest, err
}

// done tells that the image is in the registry, and returns its reference.
func (s *session) done(repo name.Repository, digest v1.Hash) string {
	image := repo.Digest(digest.String()).String()
	s.report.send(Progress{Phase: Done, Image: image})
	return image
}

// find returns the digest that a tag stands for, or the zero hash. Registries that hide from strangers what does not exist
// answer 401 or 403 here; the push will tell whether they mean it.
func (s *session) find(ctx context.Context, tag name.Tag) (v1.Hash, error) {
	digest, err := s.head(ctx, tag)
	switch status(err) {
	case http.StatusNotFound, http.StatusUnauthorized, http.StatusForbidden:
		return v1.Hash{}, nil
	}
	return digest, err
}

func (s *session) upload(ctx context.Context, b *Binary, on base, tag name.Tag, title string) (v1.Hash, error) {
	img, err := s.build(ctx, b, on, title)
	if err != nil {
		return v1.Hash{}, fmt.Errorf("building image %s: %w", tag.Context(), err)
	}
	err = retry(ctx, func() error {
		meter := &meter{next: s.transport, image: tag.Context().String(), report: s.report}
		defer meter.stop()
		return remote.Write(tag, img, s.options(ctx, meter)...)
	})
	if err != nil {
		return v1.Hash{}, pushError(ctx, tag.Context(), err)
	}
	return img.Digest()
}

func (s *session) build(ctx context.Context, b *Binary, on base, title string) (v1.Image, error) {
	under, err := s.pull(ctx, on, b.platform)
	if err != nil {
		return nil, err
	}
	underDigest, err := under.Digest()
	if err != nil {
		return nil, fmt.Errorf("reading the base's digest: %w", err)
	}
	l, err := b.layer()
	if err != nil {
		return nil, err
	}
	return assemble(under, l, b.platform, b.labels(title, on, underDigest))
}
