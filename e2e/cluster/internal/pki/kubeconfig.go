package pki

import (
	"fmt"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/kubernetes/cmd/kubeadm/app/util/pkiutil"
)

// ContextName is the one context of every kubeconfig that [Authority.Kubeconfig] writes.
const ContextName = "k8sorch-e2e"

// Kubeconfig writes a kubeconfig for the API server at the URL server, with a client certificate for id inside.
func (a *Authority) Kubeconfig(path, server string, id Identity) error {
	cert, key, err := a.sign(clientConfig(id))
	if err != nil {
		return fmt.Errorf("signing the client certificate of %s: %w", id.User, err)
	}
	keyPEM, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return fmt.Errorf("encoding the key of %s: %w", id.User, err)
	}
	config := api.NewConfig()
	config.Clusters[ContextName] = &api.Cluster{Server: server, CertificateAuthorityData: pkiutil.EncodeCertPEM(a.cert)}
	config.AuthInfos[id.User] = &api.AuthInfo{
		ClientCertificateData: pkiutil.EncodeCertPEM(cert),
		ClientKeyData:         keyPEM,
	}
	config.Contexts[ContextName] = &api.Context{Cluster: ContextName, AuthInfo: id.User}
	config.CurrentContext = ContextName
	return clientcmd.WriteToFile(*config, path)
}
