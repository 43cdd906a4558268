// Package registry serves the cluster's image registry and fills it with what the node itself needs.
package registry

import (
	"io"
	"log"
	"net"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Serve answers on the listener for ever, with image layers kept in dir, an existing folder.
func Serve(listener net.Listener, dir string) error {
	handler := registry.New(
		registry.WithBlobHandler(registry.NewDiskBlobHandler(dir)),
		registry.Logger(log.New(io.Discard, "", 0)),
	)
	return http.Serve(listener, handler)
}
