package metrics_test

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/metrics"
)

// A service gives the orchestrator the registry that it serves to Prometheus anyway.
func ExampleNew() {
	registry := prometheus.NewRegistry()
	m, err := metrics.New(registry)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithEvents(m.Observe))
	_ = o // o.Run and o.Submit as ever

	// This is what the orchestrator tells of a run that has ended.
	submitted := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	m.Observe(pipeline.Event{
		Kind: pipeline.RunChanged, Run: "train-1", Pipeline: "train", State: "Done", Outcome: pipeline.Succeeded,
		Started: submitted, Finished: submitted.Add(42 * time.Second),
	})
	families, err := registry.Gather()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range families {
		fmt.Print(f.GetName())
		for _, label := range f.GetMetric()[0].GetLabel() {
			fmt.Printf(" %s=%s", label.GetName(), label.GetValue())
		}
		fmt.Println()
	}
	// Output:
	// k8sorch_run_duration_seconds outcome=Succeeded pipeline=train
	// k8sorch_runs_total outcome=Succeeded pipeline=train
}
