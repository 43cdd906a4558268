package image

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const baseName = "bases.example.com/cuda:12"

// baseImage is what a vendor ships: a program of its own, in Docker's media types.
func baseImage(t *testing.T, p Platform) v1.Image {
	t.Helper()
	img, err := random.Image(100, 2)
	if err != nil {
		t.Fatal(err)
	}
	img, err = mutate.ConfigFile(img, &v1.ConfigFile{
		OS:           p.OS,
		Architecture: p.Arch,
		RootFS:       config(t, img).RootFS,
		Config: v1.Config{
			Entrypoint: []string{"/vendor.sh"},
			Cmd:        []string{"serve"},
			User:       "root",
			WorkingDir: "/srv",
			StopSignal: "SIGQUIT",
			Volumes:    map[string]struct{}{"/data": {}},
			Env:        []string{"PATH=/usr/local/cuda/bin", "HOME=/root"},
			Labels:     map[string]string{"maintainer": "vendor", "org.opencontainers.image.title": "CUDA"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func config(t *testing.T, img v1.Image) *v1.ConfigFile {
	t.Helper()
	c, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func digest(t *testing.T, of interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	d, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// addBase publishes a base image or index as baseName and returns its reference by digest.
func (h *hub) addBase(t *testing.T, base remote.Taggable) string {
	t.Helper()
	ref := parse(t, baseName).(name.Tag)
	if err := remote.Push(ref, base, remote.WithTransport(h)); err != nil {
		t.Fatal(err)
	}
	return ref.Context().Digest(digest(t, base.(interface{ Digest() (v1.Hash, error) }))).String()
}

func onBase(reference string) Target {
	return Target{Registry: "registry.example.com/team", Name: "train", Base: reference}
}

func TestBaseKeepsItsFilesAndNotItsProgram(t *testing.T) {
	t.Parallel()
	h := newHub()
	vendor := baseImage(t, amd64())
	h.addBase(t, vendor)
	img := h.image(t, push(t, h.pusher(), prepared(t, ""), onBase(baseName)))

	want := v1.Config{
		Entrypoint: []string{"/k8sorch"},
		User:       "65532:65532",
		WorkingDir: "/tmp",
		Env:        []string{"PATH=/usr/local/cuda/bin", "HOME=/tmp"},
		Labels: map[string]string{
			"maintainer":                           "vendor",
			"org.opencontainers.image.title":       "train",
			"org.opencontainers.image.base.name":   baseName,
			"org.opencontainers.image.base.digest": digest(t, vendor),
		},
	}
	if diff := cmp.Diff(want, config(t, img).Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	got := listing(t, img)
	if diff := cmp.Diff(listing(t, vendor), got[:2]); diff != "" {
		t.Errorf("the base's layers (-want +got):\n%s", diff)
	}
	if len(got) != 3 || !strings.HasPrefix(got[2][0], "k8sorch ") {
		t.Errorf("layers = %v, want the base's two and ours", got)
	}
}

func TestMediaTypesFollowTheBase(t *testing.T) {
	t.Parallel()
	docker := baseImage(t, amd64())
	oci := mutate.ConfigMediaType(mutate.MediaType(docker, types.OCIManifestSchema1), types.OCIConfigJSON)
	for base, want := range map[v1.Image][3]types.MediaType{
		docker: {types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer},
		oci:    {types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer},
	} {
		h := newHub()
		h.addBase(t, base)
		img := h.image(t, push(t, h.pusher(), prepared(t, ""), onBase(baseName)))
		if got := mediaTypes(t, img); got != want {
			t.Errorf("media types = %v, want %v", got, want)
		}
	}
}

func TestOneBinaryOnSeveralBases(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.addBase(t, baseImage(t, amd64()))
	b := prepared(t, "payload")
	alone := push(t, h.pusher(), b, onBase(""))
	based := push(t, h.pusher(), b, onBase(baseName))
	if alone == based {
		t.Fatalf("both are %s", alone)
	}
	if diff := cmp.Diff(last(listing(t, h.image(t, alone))), last(listing(t, h.image(t, based)))); diff != "" {
		t.Errorf("the executable's layer (-alone +based):\n%s", diff)
	}
}

func last[T any](s []T) T { return s[len(s)-1] }

func TestMovedBaseIsAnotherImage(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.addBase(t, baseImage(t, amd64()))
	b := prepared(t, "")
	before := push(t, h.pusher(), b, onBase(baseName))
	h.addBase(t, baseImage(t, amd64()))
	if after := push(t, h.pusher(), b, onBase(baseName)); after == before {
		t.Errorf("still %s although the base has moved", after)
	}
}

func TestBaseForSeveralPlatforms(t *testing.T) {
	t.Parallel()
	h := newHub()
	other, wanted := baseImage(t, arm64()), baseImage(t, amd64())
	h.addBase(t, index(t, map[v1.Image]v1.Platform{other: arm64().oci(), wanted: amd64().oci()}))
	img := h.image(t, push(t, h.pusher(), prepared(t, ""), onBase(baseName)))
	if diff := cmp.Diff(listing(t, wanted), listing(t, img)[:2]); diff != "" {
		t.Errorf("the base's layers (-want +got):\n%s", diff)
	}
}

func index(t *testing.T, images map[v1.Image]v1.Platform) v1.ImageIndex {
	t.Helper()
	idx := v1.ImageIndex(empty.Index)
	for img, p := range images {
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &p}})
	}
	return idx
}

func TestBaseErrors(t *testing.T) {
	t.Parallel()
	attestation := v1.Platform{OS: "unknown", Architecture: "unknown"}
	tests := map[string]struct {
		base      remote.Taggable
		reference string
		refuse    int
		want      string
	}{
		"absent":         {reference: baseName, want: "reading base image bases.example.com/cuda:12: not found; check its name and tag: "},
		"bad name":       {reference: "Bases/CUDA", want: `parsing base image "Bases/CUDA": `},
		"private":        {reference: baseName, refuse: 401, want: "bases.example.com denies access; check the name, and if the image is private run docker login bases.example.com: "},
		"wrong platform": {base: baseImage(t, arm64()), want: "choose a base for linux/amd64, or the platform of your nodes: it is for linux/arm64, not for linux/amd64"},
		"no such platform": {
			base: index(t, map[v1.Image]v1.Platform{baseImage(t, arm64()): arm64().oci(), baseImage(t, amd64()): attestation}),
			want: "it is for linux/arm64, not for linux/amd64",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub()
			if test.base != nil {
				test.reference = h.addBase(t, test.base)
			}
			h.refuse = always(test.refuse)
			_, err := h.pusher().Push(t.Context(), prepared(t, ""), onBase(test.reference))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v\nwant it to contain %s", err, test.want)
			}
		})
	}
}
