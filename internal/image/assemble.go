package image

import (
	"fmt"
	"maps"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// What every image has in common, whatever its base.
const (
	// Path is where the executable is, and the image's entrypoint.
	Path = "/k8sorch"
	// WorkingDir is where the executable starts and its home: empty, and writable unless the pod's root file system is
	// read-only.
	WorkingDir = "/tmp"
	// UserID is the user and group it runs as: the "nonroot" of distroless images, which a restricted pod may be.
	UserID = 65532
)

// assemble puts the layer on the base.
func assemble(on v1.Image, l v1.Layer, p Platform, labels map[string]string) (v1.Image, error) {
	under, err := on.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the base's configuration: %w", err)
	}
	manifestType, err := on.MediaType()
	if err != nil {
		return nil, fmt.Errorf("reading the base's media type: %w", err)
	}
	img, err := mutate.ConfigFile(on, configure(under, p, labels))
	if err != nil {
		return nil, fmt.Errorf("configuring the image: %w", err)
	}
	img, err = mutate.Append(img, mutate.Addendum{
		Layer:     l,
		MediaType: layerType(manifestType),
		History:   history(""),
	})
	if err != nil {
		return nil, fmt.Errorf("appending the executable: %w", err)
	}
	if manifestType == types.OCIManifestSchema1 {
		img = mutate.Annotations(img, labels).(v1.Image)
	}
	return img, nil
}

// history says where a layer comes from.
func history(comment string) v1.History {
	return v1.History{CreatedBy: "k8sorch", Comment: comment, Created: v1.Time{Time: epoch()}}
}

// configure keeps of the base's configuration what describes its files, and none of what runs another program.
func configure(under *v1.ConfigFile, p Platform, labels map[string]string) *v1.ConfigFile {
	return &v1.ConfigFile{
		OS:           p.OS,
		Architecture: p.Arch,
		Variant:      under.Variant,
		Created:      v1.Time{Time: epoch()},
		History:      under.History,
		RootFS:       under.RootFS,
		Config: v1.Config{
			Entrypoint: []string{Path},
			User:       fmt.Sprintf("%d:%d", UserID, UserID),
			WorkingDir: WorkingDir,
			Env:        append(withoutHome(under.Config.Env), "HOME="+WorkingDir),
			Labels:     relabel(under.Config.Labels, labels),
		},
	}
}

// layerType stays in the base's family of media types: registries refuse manifests that mix them.
func layerType(manifest types.MediaType) types.MediaType {
	if manifest == types.DockerManifestSchema2 {
		return types.DockerLayer
	}
	return types.OCILayer
}

func withoutHome(env []string) []string {
	var kept []string
	for _, variable := range env {
		if !strings.HasPrefix(variable, "HOME=") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// ociPrefix starts the names that the OCI image specification gives to what is said of an image.
const ociPrefix = "org.opencontainers.image."

// relabel replaces what the base says of itself, which is not true of the image.
func relabel(inherited, own map[string]string) map[string]string {
	labels := maps.Clone(own)
	for key, value := range inherited {
		if !strings.HasPrefix(key, ociPrefix) {
			labels[key] = value
		}
	}
	return labels
}

// labels says of the image what is known for certain.
func (b *Binary) labels(title string, on base, onDigest v1.Hash) map[string]string {
	labels := map[string]string{ociPrefix + "title": title}
	if !on.empty() {
		labels[ociPrefix+"base.name"] = on.name
		labels[ociPrefix+"base.digest"] = onDigest.String()
	}
	if revision := b.setting("vcs.revision"); revision != "" && b.setting("vcs.modified") == "false" {
		labels[ociPrefix+"revision"] = revision
	}
	if b.info != nil && b.info.Main.Version != "" && b.info.Main.Version != "(devel)" {
		labels[ociPrefix+"version"] = b.info.Main.Version
	}
	return labels
}
