// Command hello greets with the version of the Kubernetes it finds itself in, so that a test can tell that a container
// ran it and reached the API server.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

func main() {
	version, err := serverVersion()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("hello from Kubernetes", version)
}

func serverVersion() (string, error) {
	ca, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return "", err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}

	request, err := http.NewRequest(http.MethodGet, "https://"+apiServer()+"/version", nil)
	if err != nil {
		return "", err
	}
	token, err := os.ReadFile(account + "token")
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var version struct{ GitVersion string }
	if err := json.NewDecoder(response.Body).Decode(&version); err != nil {
		return "", fmt.Errorf("reading the answer %s: %w", response.Status, err)
	}
	return version.GitVersion, nil
}

func apiServer() string {
	return net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
}
