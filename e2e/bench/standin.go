package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/internal/standin"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// standIn orchestrates a run in the place of k8sorch.
func standIn(ctx context.Context, o options) error {
	s, err := shape.Parse(o.shape)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(fast(config, "stand-in"))
	if err != nil {
		return err
	}
	r := standin.Run{Client: client, Namespace: o.namespace, Shape: s, Image: o.image, Args: []string{"-noop"}}
	switch o.standin {
	case figures.Floor:
		return floor(ctx, r)
	case figures.JobComplete:
		return standin.JobComplete(ctx, r)
	case figures.PollLoop:
		return standin.PollLoop(ctx, r)
	}
	return fmt.Errorf("there is no stand-in %q", o.standin)
}

// floor knows of its run what the run's orchestrator would.
func floor(ctx context.Context, r standin.Run) error {
	role, err := reexec.FromEnv()
	if err != nil {
		return err
	}
	encoded, err := os.ReadFile(filepath.Join(role.Dir, plan.FileName))
	if err != nil {
		return err
	}
	p, err := plan.Decode(encoded)
	if err != nil {
		return err
	}
	ref, err := kube.FindRun(ctx, r.Client, kube.RefOf(role))
	if err != nil {
		return err
	}
	return standin.Floor(ctx, r, ref, p)
}
