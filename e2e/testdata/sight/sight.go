// Package sight is what a process can see of the pod that it runs in.
package sight

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Sight is what there is in a pod.
type Sight struct {
	// Account is the user that the pod's token stands for; empty where it has none.
	Account string `json:"account"`
	// Trusts tells whether certificates of public authorities are trusted.
	Trusts bool `json:"trusts"`
	// Files are what is in the files that were asked for, by their paths.
	Files map[string]string `json:"files,omitempty"`
	// Variables are the values of the variables that were asked for.
	Variables map[string]string `json:"variables,omitempty"`
}

// Of looks at files and variables of this process's pod. A file that is not there is an error.
func Of(files, variables []string) (Sight, error) {
	s := Sight{Files: map[string]string{}, Variables: map[string]string{}, Trusts: trusts()}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return Sight{}, err
		}
		s.Files[file] = string(content)
	}
	for _, name := range variables {
		s.Variables[name] = os.Getenv(name)
	}
	var err error
	s.Account, err = Account()
	return s, err
}

// trusts tells whether the first of the bundle that the program has is trusted as it is by default.
func trusts() bool {
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return false
		}
		_, err = cert.Verify(x509.VerifyOptions{})
		return err == nil
	}
	return false
}

// Account returns the user that the pod's token stands for.
func Account() (string, error) {
	token, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/token")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	parts := strings.Split(string(token), ".")
	if len(parts) != 3 {
		return "", errors.New("the token of the service account is no JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	err = json.Unmarshal(payload, &claims)
	return claims.Subject, err
}
