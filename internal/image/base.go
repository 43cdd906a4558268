package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// base is what an image stands on, pinned by digest. The zero base has nothing but the certificates of public authorities.
type base struct {
	// name is the reference as it was given, with its registry spelled out.
	name string
	ref  name.Digest
}

func (b base) empty() bool { return b.name == "" }

// pinBase finds the digest of a base, which costs a request unless the reference has it.
func (s *session) pinBase(ctx context.Context, reference string) (base, error) {
	if reference == "" {
		return base{}, nil
	}
	ref, err := name.ParseReference(reference)
	if err != nil {
		return base{}, fmt.Errorf("parsing base image %q: %w", reference, err)
	}
	if pinned, ok := ref.(name.Digest); ok {
		return base{name: ref.Name(), ref: pinned}, nil
	}
	digest, err := s.head(ctx, ref)
	if err != nil {
		return base{}, baseError(ctx, ref, err)
	}
	return base{name: ref.Name(), ref: ref.Context().Digest(digest.String())}, nil
}

// pull returns the base's image for a platform. Its layers are read when they are copied.
func (s *session) pull(ctx context.Context, b base, p Platform) (v1.Image, error) {
	if b.empty() {
		return withoutBase()
	}
	var img v1.Image
	err := retry(ctx, func() (err error) {
		img, err = s.pullOnce(ctx, b, p)
		return err
	})
	if err != nil {
		return nil, baseError(ctx, b.ref, err)
	}
	return img, nil
}

// withoutBase returns what an image stands on that is given no base.
func withoutBase() (v1.Image, error) {
	l, err := certificates()
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.Append(img, mutate.Addendum{Layer: l, MediaType: types.OCILayer, History: history("certificates of public authorities")})
	if err != nil {
		return nil, fmt.Errorf("appending the certificates: %w", err)
	}
	return img, nil
}

func (s *session) pullOnce(ctx context.Context, b base, p Platform) (v1.Image, error) {
	descriptor, err := remote.Get(b.ref, append(s.options(ctx, s.transport), remote.WithPlatform(p.oci()))...)
	if err != nil {
		return nil, err
	}
	if descriptor.MediaType.IsIndex() {
		if err := checkIndex(descriptor, p); err != nil {
			return nil, err
		}
		return descriptor.Image()
	}
	img, err := descriptor.Image()
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	if has := config.Platform(); has.Architecture != "" && !has.Satisfies(p.oci()) {
		return nil, &platformError{want: p, has: []string{has.String()}}
	}
	return img, nil
}

// checkIndex looks for the platform in an index that has images for several.
func checkIndex(descriptor *remote.Descriptor, p Platform) error {
	index, err := descriptor.ImageIndex()
	if err != nil {
		return err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	var has []string
	for _, m := range manifest.Manifests {
		switch {
		case m.Platform == nil || m.Platform.Satisfies(p.oci()):
			return nil
		case m.Platform.OS != "unknown": // which is what attestations are listed as
			has = append(has, m.Platform.String())
		}
	}
	return &platformError{want: p, has: has}
}

// platformError says that a base has no image for the nodes.
type platformError struct {
	want Platform
	has  []string
}

func (e *platformError) Error() string {
	return fmt.Sprintf("it is for %s, not for %s", strings.Join(e.has, ", "), e.want)
}
