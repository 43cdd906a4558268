// Package pipeline runs pipelines of typed steps on Kubernetes with nothing installed in the cluster.
package pipeline
