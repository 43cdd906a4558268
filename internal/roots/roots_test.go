package roots

import (
	"crypto/x509"
	"io/fs"
	"testing"
	"testing/fstest"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func TestRootsOfTheSystemAreFound(t *testing.T) {
	t.Parallel()
	file := &fstest.MapFile{}
	for name, test := range map[string]struct {
		system fstest.MapFS
		env    map[string]string
		want   bool
	}{
		"nothing":            {},
		"Debian":             {system: fstest.MapFS{"etc/ssl/certs/ca-certificates.crt": file}, want: true},
		"Fedora":             {system: fstest.MapFS{"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem": file}, want: true},
		"Alpine":             {system: fstest.MapFS{"etc/ssl/cert.pem": file}, want: true},
		"a directory":        {system: fstest.MapFS{"etc/ssl/certs/one.pem": file}, want: true},
		"an empty directory": {system: fstest.MapFS{"etc/ssl/certs": {Mode: fs.ModeDir | 0o755}}},
		"something else":     {system: fstest.MapFS{"etc/ssl/openssl.cnf": file}},
		"a file of one's own": {
			env: map[string]string{"SSL_CERT_FILE": "/own.pem"}, want: true,
		},
		"a directory of one's own": {
			env: map[string]string{"SSL_CERT_DIR": "/own"}, want: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := present(test.system, func(key string) string { return test.env[key] }); got != test.want {
				t.Errorf("present = %t, want %t", got, test.want)
			}
		})
	}
}

func TestPoolHasEveryRoot(t *testing.T) {
	t.Parallel()
	p := pool()
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		again := p.Clone()
		again.AddCert(cert)
		if !again.Equal(p) {
			t.Errorf("the pool has no %s", cert.Subject)
		}
	}
}

func TestRootsOfTheProgramAreLeftAlone(t *testing.T) {
	t.Parallel()
	use(pool())
	use(pool())
}
