package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/internal/kube"
)

// driveAll runs the orchestrators' processes to their ends, all at once.
func (r *run) driveAll(ctx context.Context, commands []command) ([]process, error) {
	if len(commands) == 1 {
		return r.drive(ctx, commands[0])
	}
	processes := make([]process, len(commands))
	all, ctx := errgroup.WithContext(ctx)
	for i, command := range commands {
		all.Go(func() error {
			cmd, err := command(ctx)
			if err != nil {
				return err
			}
			processes[i], err = r.follow(cmd)
			return err
		})
	}
	return processes, all.Wait()
}

// command makes a process of an orchestrator, which ends with the context.
type command func(context.Context) (*exec.Cmd, error)

// drive runs the orchestrator's process to its end; where the cell says so it is killed on the way, and started again.
func (r *run) drive(ctx context.Context, command command) ([]process, error) {
	if r.Kill {
		return r.driveTwice(ctx, command)
	}
	cmd, err := command(ctx)
	if err != nil {
		return nil, err
	}
	// One that ends with its first step would end before its profile is written.
	if r.profile != "" && r.System == figures.K8sorch && len(r.shape.Steps) > 1 {
		cmd.Env = append(cmd.Env, "BENCH_PROFILE="+filepath.Join(r.profile, r.profileName()))
		go r.stopProfile(ctx, cmd)
	}
	p, err := r.follow(cmd)
	return []process{p}, err
}

// driveTwice kills the orchestrator's process when half of the steps have ended, and starts another.
func (r *run) driveTwice(ctx context.Context, command command) ([]process, error) {
	// The end of its context kills a process.
	alive, kill := context.WithCancel(ctx)
	defer kill()
	go func() {
		select {
		case <-alive.Done():
		case <-r.half:
			kill()
		}
	}()
	cmd, err := command(alive)
	if err != nil {
		return nil, err
	}
	first, err := r.follow(cmd)
	if err == nil || alive.Err() == nil || ctx.Err() != nil {
		return nil, errors.Join(errors.New("the orchestrator was not killed"), err, context.Cause(ctx))
	}
	if r.lists, err = r.list(ctx); err != nil {
		return nil, err
	}
	if cmd, err = command(ctx); err != nil {
		return nil, err
	}
	second, err := r.follow(cmd)
	return []process{first, second}, err
}

// list lists the run's pods and records, both at once, and returns how long that took.
func (r *run) list(ctx context.Context) (time.Duration, error) {
	began, core, ofRun := time.Now(), r.client.CoreV1(), kube.LabelRun+"="+r.ids[0]
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		_, err := core.Pods(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: ofRun + "," + kube.LabelStep})
		return err
	})
	both.Go(func() error {
		_, err := core.ConfigMaps(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: ofRun + "," + kube.LabelRecord + "=" + kube.RecordResult})
		return err
	})
	err := both.Wait()
	return time.Since(began), err
}
