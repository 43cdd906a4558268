package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/image"
)

// imageSource says where an image comes from: one that is given, or this program on a base.
type imageSource struct{ image, base string }

func (s KubernetesOrchestratorSettings) imageSource() imageSource {
	return imageSource{image: orDefault(s.Image, ""), base: orDefault(s.BaseImage, "")}
}

// imageSources returns where the images of the run come from, the orchestrator's first, each once.
func (s *submission) imageSources() []imageSource {
	all := []imageSource{s.runSettings().imageSource()}
	seen := map[imageSource]bool{all[0]: true}
	for _, n := range s.design.nodes {
		if src := s.stepSettings(n).imageSource(); n.kind == graph.Step && !seen[src] {
			seen[src] = true
			all = append(all, src)
		}
	}
	return all
}

// images makes sure that every image of the run is where the nodes can pull it.
func (s *submission) images(ctx context.Context, platform image.Platform) (map[imageSource]podImage, error) {
	images := map[imageSource]podImage{}
	var toBuild []imageSource
	for _, src := range s.imageSources() {
		if src.image == "" {
			toBuild = append(toBuild, src)
			continue
		}
		images[src] = podImage{ref: src.image}
	}
	if len(toBuild) == 0 {
		return images, nil
	}
	return images, s.build(ctx, platform, toBuild, images)
}

var errNoRegistry = errors.New("this program has to be pushed as an image, and no registry is named: set Config.Registry (flag --registry) " +
	"to one that this machine may push to and the nodes pull from, or Image in the settings (flag --image) to an image that has this program")

// build puts this program on each base and pushes the images.
func (s *submission) build(ctx context.Context, platform image.Platform, sources []imageSource, into map[imageSource]podImage) error {
	if s.config.Registry == "" {
		return errNoRegistry
	}
	known, release, err := s.programs.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	if found, err := s.findImages(ctx, platform, sources, known); err != nil || found != nil {
		maps.Copy(into, found)
		return err
	}
	binary, err := image.Prepare(ctx, image.Source{Platform: platform}, s.tellTransfer)
	if err != nil {
		return err
	}
	defer func() { _ = binary.Close() }() // what is left is in the temporary directory
	pusher := image.Pusher{Report: s.tellTransfer}
	for _, src := range sources {
		ref, err := pusher.Push(ctx, binary, s.imageTarget(src))
		if err != nil {
			return fmt.Errorf("pushing the image of pipeline %q: %w", s.design.name, err)
		}
		into[src] = podImage{ref: ref, platform: platform}
	}
	known[platform] = binary.Identity()
	return nil
}

// findImages returns the images of all the sources, where this process has made them before and the registry still has them;
// nil otherwise.
func (s *submission) findImages(
	ctx context.Context, platform image.Platform, sources []imageSource, known map[image.Platform]image.Identity,
) (map[imageSource]podImage, error) {
	program, made := known[platform]
	if !made {
		return nil, nil
	}
	images, pusher := map[imageSource]podImage{}, image.Pusher{Report: s.tellTransfer}
	for _, src := range sources {
		ref, err := pusher.Find(ctx, program, s.imageTarget(src))
		switch {
		case err != nil:
			return nil, fmt.Errorf("looking for the image of pipeline %q: %w", s.design.name, err)
		case ref == "":
			return nil, nil
		}
		images[src] = podImage{ref: ref, platform: platform}
	}
	return images, nil
}

func (s *submission) imageTarget(src imageSource) image.Target {
	return image.Target{Registry: s.config.Registry, Name: s.design.name, Base: src.base}
}

// tellTransfer tells how far the making of an image has come.
func (s *submission) tellTransfer(p image.Progress) {
	what := string(p.Phase)
	if p.Phase == image.Done {
		what = "pushed"
	}
	s.events(Event{
		Kind: Transfer, Time: time.Now(), Run: s.run, Pipeline: s.design.name, Message: strings.TrimSpace(what + " " + p.Image),
		Done: p.Complete, Total: p.Total,
	})
}
