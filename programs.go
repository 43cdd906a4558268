package pipeline

import (
	"context"
	"fmt"

	"github.com/org/k8sorch/internal/image"
)

// programs are what this program was made into, by platform: it does not change while its process lives. Who makes an image
// holds them, so that runs that are submitted at once wait for one image, and do not make it as often as there are runs.
type programs chan map[image.Platform]image.Identity

func newPrograms() programs {
	p := make(programs, 1)
	p <- map[image.Platform]image.Identity{}
	return p
}

// take waits until nobody else makes an image.
func (p programs) take(ctx context.Context) (known map[image.Platform]image.Identity, release func(), err error) {
	select {
	case known = <-p:
		return known, func() { p <- known }, nil
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("waiting for the image of another run: %w", context.Cause(ctx))
	}
}
