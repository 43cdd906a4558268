// Retries asks a service that is busy at first, and tells what is worth another attempt from what is not.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

var errBusy = errors.New("the service is busy")

// fetch stands for a call of a service that is busy until the third attempt, and knows no currency but one.
func fetch(ctx context.Context, currency string) (string, error) {
	switch {
	case pipeline.AttemptInfo(ctx).Attempt < 3:
		return "", fmt.Errorf("asking for %s: %w", currency, errBusy)
	case currency != "EUR":
		return "", fmt.Errorf("asking for %s: no such currency", currency)
	}
	return "1.17 USD", nil
}

// parse knows by itself that another attempt would find the same text.
func parse(_ context.Context, text string) (rate float64, _ error) {
	if _, err := fmt.Sscanf(text, "%f USD", &rate); err != nil {
		return 0, pipeline.Permanent(fmt.Errorf("reading the rate %q: %w", text, err))
	}
	return rate, nil
}

func rates() (*pipeline.Pipeline, *pipeline.Step[float64]) {
	currency := pipeline.Param("currency", "EUR").Usage("the currency to ask for")
	answer := pipeline.Func("fetch", fetch, currency).
		Retry(pipeline.Retry{
			MaxRetries: 5, Delay: 100 * time.Millisecond, Backoff: 2, MaxDelay: time.Minute, Jitter: 0.2,
			If: func(err error) bool { return errors.Is(err, errBusy) },
		}).
		Settings(pipeline.KubernetesOrchestratorSettings{
			ActiveDeadlineSeconds: new(30),  // for each attempt
			StepTimeout:           new(600), // for all of them together, with the delays between them
		})
	rate := pipeline.Func("parse", parse, answer).Retry(pipeline.Retry{MaxRetries: 2})
	return pipeline.New("rates").Step(rate), rate
}

func main() {
	p, rate := rates()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		r, err := rate.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Printf("one euro is %.2f dollars\n", r)
		return nil
	}))
}
