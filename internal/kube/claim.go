package kube

// ClaimMount is where the claim of an artifact store is mounted in a step's main container.
const ClaimMount = "/var/run/k8sorch-artifacts"
