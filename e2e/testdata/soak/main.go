// Command soak runs small pipelines one after the other, each another graph, and deletes each run when it has ended. After
// each it prints a line of JSON: how the client's process is.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"

	pipeline "github.com/org/k8sorch"
)

// most is how many pipelines there are. Pods find theirs by its name.
const most = 1000

func main() {
	if err := soak(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func soak(ctx context.Context) error {
	o := pipeline.NewOrchestrator(pipeline.Config{
		Kubeconfig: os.Getenv("KUBECONFIG"), Namespace: os.Getenv("NAMESPACE"), Registry: os.Getenv("K8SORCH_E2E_REGISTRY"),
	})
	dags, pipelines := dags(most)
	if err := o.Dispatch(ctx, pipelines...); err != nil {
		return err
	}
	runs, err := strconv.Atoi(os.Getenv("RUNS"))
	if err != nil || runs > most {
		return fmt.Errorf("RUNS is no number up to %d", most)
	}
	cluster, err := connect()
	if err != nil {
		return err
	}
	for _, d := range dags[:runs] {
		if err := d.run(ctx, o); err != nil {
			return err
		}
		if err := cluster.deleteRuns(ctx); err != nil {
			return err
		}
		if err := tell(); err != nil {
			return err
		}
	}
	return nil
}

// tell prints how many goroutines there are, and how many bytes are in use on the heap.
func tell() error {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return json.NewEncoder(os.Stdout).Encode(map[string]uint64{"goroutines": uint64(runtime.NumGoroutine()), "heap": m.HeapAlloc})
}
