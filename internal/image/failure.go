package image

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// status is the HTTP status that a registry, or the server that issues its tokens, answered with; 0 if the error is
// something else.
func status(err error) int {
	if answer := new(transport.Error); errors.As(err, &answer) {
		return answer.StatusCode
	}
	return 0
}

// pushError says what a user can do about a push that failed.
func pushError(ctx context.Context, repo name.Repository, err error) error {
	remedy := connectionRemedy(repo.Registry, err)
	if remedy == "" {
		remedy = refusalRemedy(repo, status(err))
	}
	return explain(ctx, "pushing image "+repo.String(), remedy, err)
}

// baseError says what a user can do about a base that cannot be read.
func baseError(ctx context.Context, ref name.Reference, err error) error {
	remedy := connectionRemedy(ref.Context().Registry, err)
	host := host(ref.Context().Registry)
	wrongPlatform := new(platformError)
	switch code := status(err); {
	case remedy != "":
	case errors.As(err, &wrongPlatform):
		remedy = fmt.Sprintf("choose a base for %s, or the platform of your nodes", wrongPlatform.want)
	case code == http.StatusNotFound:
		remedy = "not found; check its name and tag"
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		remedy = fmt.Sprintf("%s denies access; check the name, and if the image is private run docker login %s", host, host)
	}
	return explain(ctx, "reading base image "+ref.String(), remedy, err)
}

func explain(ctx context.Context, doing, remedy string, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	case remedy == "":
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %s: %w", doing, remedy, err)
}

func connectionRemedy(registry name.Registry, err error) string {
	host := host(registry)
	plain, certificate, noAnswer := new(plainError), new(tls.CertificateVerificationError), new(url.Error)
	switch {
	case isDial(err):
		return host + " cannot be reached; check the address, and that the registry is running"
	case errors.As(err, &plain) || errors.Is(err, http.ErrSchemeMismatch):
		return host + " does not speak https, and plain http is used for loopback addresses only; " +
			"give it a certificate, or forward a local port to it and push to 127.0.0.1"
	case errors.As(err, &certificate):
		return "the certificate of " + host + " is not trusted; add its authority to the system's, or name it in SSL_CERT_FILE"
	case errors.As(err, &noAnswer):
		return host + " did not answer; try again"
	}
	return ""
}

func refusalRemedy(repo name.Repository, code int) string {
	host := host(repo.Registry)
	switch {
	case code == http.StatusUnauthorized:
		return fmt.Sprintf("%s wants credentials; run docker login %s, or put them in ~/.docker/config.json", host, host)
	case code == http.StatusForbidden:
		return fmt.Sprintf("%s does not let this account push here; "+
			"run docker login %s with one that may, or change Registry", host, host)
	case code == http.StatusNotFound:
		return fmt.Sprintf("%s has no such repository and does not create it; create %s there first", host, repo.RepositoryStr())
	case code == http.StatusMethodNotAllowed:
		return host + " takes no pushes; it may be a mirror or read-only: change Registry"
	case code == http.StatusRequestEntityTooLarge:
		return host + " refuses uploads of this size; raise the limit of the proxy in front of it"
	case code == http.StatusTooManyRequests:
		return host + " limits the rate of requests; try again later"
	case code >= http.StatusInternalServerError:
		return host + " is in trouble; try again, and see the registry's log"
	case code != 0:
		return host + " refuses the push"
	}
	return ""
}

// host is the registry's name as docker login wants it.
func host(registry name.Registry) string {
	return strings.TrimPrefix(registry.RegistryStr(), "index.")
}

// isDial reports whether no connection came about.
func isDial(err error) bool {
	op := new(net.OpError)
	return errors.As(err, &op) && op.Op == "dial"
}
