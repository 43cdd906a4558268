// Package roots gives a process the certificates of public authorities where its image has none.
package roots

import (
	"crypto/x509"
	"io/fs"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Ensure makes the library's own roots those of the process where the system has none. Reading them takes milliseconds and
// memory, which is why nothing is done where there are some: it then costs a look at a file.
func Ensure() {
	if !present(os.DirFS("/"), os.Getenv) {
		use(pool())
	}
}

// The places where crypto/x509 looks for the system's roots on Linux, in its order.
var (
	files = []string{
		"etc/ssl/certs/ca-certificates.crt",
		"etc/pki/tls/certs/ca-bundle.crt",
		"etc/ssl/ca-bundle.pem",
		"etc/pki/tls/cacert.pem",
		"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"etc/ssl/cert.pem",
	}
	directories = []string{"etc/ssl/certs", "etc/pki/tls/certs"}
)

// present tells whether the system has roots, or somebody has said where they are.
func present(system fs.FS, env func(string) string) bool {
	if env("SSL_CERT_FILE") != "" || env("SSL_CERT_DIR") != "" {
		return true
	}
	for _, name := range files {
		if _, err := fs.Stat(system, name); err == nil {
			return true
		}
	}
	for _, name := range directories {
		// OpenSSL leaves an empty one in images without certificates.
		if entries, err := fs.ReadDir(system, name); err == nil && len(entries) > 0 {
			return true
		}
	}
	return false
}

func pool() *x509.CertPool {
	p := x509.NewCertPool()
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // one authority less is better than a step that does not start
		}
		if root.Constraint == nil {
			p.AddCert(cert)
		} else {
			p.AddCertWithConstraint(cert, root.Constraint)
		}
	}
	return p
}

// use leaves the roots alone that the program has set itself: setting them twice is the only thing that panics here, and
// there is no way to ask before.
func use(p *x509.CertPool) {
	defer func() { _ = recover() }()
	x509.SetFallbackRoots(p)
}
