// Service is a program that runs pipelines for others: it begins runs over HTTP, lists them, streams their events and stops
// them. The runs belong to the cluster, so that it may be restarted at any time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
	"k8s.io/client-go/tools/clientcmd"

	pipeline "github.com/org/k8sorch"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func serve() error {
	p := newScoring()
	// In the pods of runs this call does their work and ends the process: the service below is started by nobody else.
	if err := pipeline.NewOrchestrator(pipeline.Config{}).Dispatch(context.Background(), p.Pipeline); err != nil {
		return err
	}
	address := flag.String("address", "127.0.0.1:8080", "where to listen")
	kubeconfig := flag.String("kubeconfig", os.Getenv("KUBECONFIG"), "the cluster; empty for the one that this runs in")
	namespace := flag.String("namespace", "default", "where runs live")
	registry := flag.String("registry", "", "where images are pushed to")
	flag.Parse()

	logger, err := zap.NewProduction()
	if err != nil {
		return err
	}
	cluster, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("reading the client configuration: %w", err)
	}
	o := pipeline.NewOrchestrator(
		pipeline.Config{Namespace: *namespace, Registry: *registry, Args: []string{}},
		pipeline.WithRESTConfig(cluster), pipeline.WithLogger(logger),
	)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := newService(o, p, logger)
	return listen(ctx, *address, s)
}

// shutdownTime is how long requests that are being answered may take when the service ends.
const shutdownTime = 10 * time.Second

// listen serves until ctx ends. Streams of events end at once then; runs go on.
func listen(ctx context.Context, address string, s *service) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	s.logger.Info("listening", zap.String("address", listener.Addr().String()))
	server := &http.Server{Handler: s.handler(ctx), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return fmt.Errorf("shutting down: %w", err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
