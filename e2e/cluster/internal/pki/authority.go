// Package pki makes the cluster's certificate authority and what it signs: serving certificates and kubeconfigs.
package pki

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"

	certutil "k8s.io/client-go/util/cert"
	"k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm"
	"k8s.io/kubernetes/cmd/kubeadm/app/util/pkiutil"
)

// Authority signs everything in one cluster and writes it into one folder.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  crypto.Signer
}

// NewAuthority makes a certificate authority and writes its certificate, ca.crt, into dir. Its key is never written.
func NewAuthority(dir string) (*Authority, error) {
	cert, key, err := pkiutil.NewCertificateAuthority(&pkiutil.CertConfig{
		Config:              certutil.Config{CommonName: "k8sorch-e2e"},
		EncryptionAlgorithm: kubeadm.EncryptionAlgorithmECDSAP256,
	})
	if err != nil {
		return nil, fmt.Errorf("making the certificate authority: %w", err)
	}
	if err := pkiutil.WriteCert(dir, "ca", cert); err != nil {
		return nil, err
	}
	return &Authority{dir: dir, cert: cert, key: key}, nil
}

// Identity is whom a client certificate names. Kubernetes reads the common name as the user, organizations as groups.
type Identity struct {
	User   string
	Groups []string
}

// Serving writes name.crt and name.key for a server with the given DNS names and addresses.
func (a *Authority) Serving(name string, dnsNames []string, addresses ...string) error {
	config := certutil.Config{
		CommonName: name,
		AltNames:   certutil.AltNames{DNSNames: dnsNames, IPs: parseIPs(addresses)},
		Usages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	return a.write(name, config)
}

// Client writes name.crt and name.key for a client.
func (a *Authority) Client(name string, id Identity) error {
	return a.write(name, clientConfig(id))
}

// SigningKey writes name.key, a key that stands alone: it signs tokens, not connections.
func (a *Authority) SigningKey(name string) error {
	key, err := pkiutil.NewPrivateKey(kubeadm.EncryptionAlgorithmECDSAP256)
	if err != nil {
		return fmt.Errorf("making the key %s: %w", name, err)
	}
	return pkiutil.WriteKey(a.dir, name, key)
}

// Cert is the path of name's certificate.
func (a *Authority) Cert(name string) string { return filepath.Join(a.dir, name+".crt") }

// Key is the path of name's key.
func (a *Authority) Key(name string) string { return filepath.Join(a.dir, name+".key") }

func (a *Authority) write(name string, config certutil.Config) error {
	cert, key, err := a.sign(config)
	if err != nil {
		return fmt.Errorf("signing %s: %w", name, err)
	}
	return pkiutil.WriteCertAndKey(a.dir, name, cert, key)
}

func (a *Authority) sign(config certutil.Config) (*x509.Certificate, crypto.Signer, error) {
	return pkiutil.NewCertAndKey(a.cert, a.key, &pkiutil.CertConfig{
		Config:              config,
		EncryptionAlgorithm: kubeadm.EncryptionAlgorithmECDSAP256,
	})
}

func clientConfig(id Identity) certutil.Config {
	return certutil.Config{
		CommonName:   id.User,
		Organization: id.Groups,
		Usages:       []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

func parseIPs(addresses []string) []net.IP {
	ips := make([]net.IP, len(addresses))
	for i, address := range addresses {
		ips[i] = net.ParseIP(address)
	}
	return ips
}
