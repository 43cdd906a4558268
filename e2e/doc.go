// Package e2e tests k8sorch on a real Kubernetes: the one that run.sh boots for it, or any other that KUBECONFIG names.
package e2e
