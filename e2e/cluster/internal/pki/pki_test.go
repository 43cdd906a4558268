package pki

import (
	"crypto/x509"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	certutil "k8s.io/client-go/util/cert"
)

func TestKubeconfigNamesTheIdentity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := newAuthority(t, dir)
	path := filepath.Join(dir, "kubeconfig")
	id := Identity{User: "ann", Groups: []string{"authors"}}
	if err := authority.Kubeconfig(path, "https://example.test:6443", id); err != nil {
		t.Fatal(err)
	}

	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := config.Host, "https://example.test:6443"; got != want {
		t.Errorf("server: got %s, want %s", got, want)
	}
	certs, err := certutil.ParseCertsPEM(config.CertData)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, dir, certs[0], x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	got := Identity{User: certs[0].Subject.CommonName, Groups: certs[0].Subject.Organization}
	if diff := cmp.Diff(id, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
}

func TestServingCertificateCoversNamesAndAddresses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := newAuthority(t, dir)
	if err := authority.Serving("server", []string{"localhost"}, "10.250.0.1"); err != nil {
		t.Fatal(err)
	}
	certs, err := certutil.CertsFromFile(authority.Cert("server"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "10.250.0.1"} {
		verify(t, dir, certs[0], x509.VerifyOptions{DNSName: host})
	}
}

func newAuthority(t *testing.T, dir string) *Authority {
	t.Helper()
	authority, err := NewAuthority(dir)
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func verify(t *testing.T, dir string, cert *x509.Certificate, options x509.VerifyOptions) {
	t.Helper()
	roots, err := certutil.NewPool(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	options.Roots = roots
	if _, err := cert.Verify(options); err != nil {
		t.Errorf("verifying %s for %q: %v", cert.Subject, options.DNSName, err)
	}
}
