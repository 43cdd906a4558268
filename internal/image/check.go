package image

import (
	"context"
	"net/http"

	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Check makes sure that images for the target could be pushed: it begins to upload a blob, which it then gives up, so that
// nothing is left in the registry. The error says what to do.
func (p *Pusher) Check(ctx context.Context, t Target) error {
	repo, err := t.repository()
	if err != nil {
		return err
	}
	s := p.session()
	err = retry(ctx, func() error {
		return remote.CheckPushPermission(repo.Tag("latest"), s.keychain, bounded{ctx: ctx, next: s.transport})
	})
	if err != nil {
		return pushError(ctx, repo, err)
	}
	return nil
}

// bounded gives requests a context that the library gives none.
type bounded struct {
	ctx  context.Context //nolint:containedctx // the library's function takes no context
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	return b.next.RoundTrip(req.WithContext(b.ctx))
}
