package pipeline_test

import (
	"context"
	"fmt"

	pipeline "github.com/org/k8sorch"
)

// halve tells how far it is, and keeps what its value does not say.
func halve(ctx context.Context, epochs int) (float64, error) {
	loss := 1.0
	for epoch := range epochs {
		pipeline.Progress(ctx, float64(epoch)/float64(epochs), fmt.Sprintf("epoch %d of %d", epoch+1, epochs))
		loss /= 2
	}
	pipeline.SetMetadata(ctx, "dataset", "penguins v3")
	pipeline.SetMetric(ctx, "loss", loss)
	return loss, nil
}

// A step tells how far it is, and whoever waits for its run is told.
func Example_observing() {
	epochs := pipeline.Param("epochs", 10)
	p := pipeline.New("train").Step(pipeline.Func("fit", halve, epochs))
	o := pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithEvents(func(e pipeline.Event) {
		switch e.Kind {
		case pipeline.StepProgress:
			fmt.Printf("%s: %.0f %%, %s\n", e.Step, 100*e.Fraction, e.Message)
		case pipeline.AttemptEnded:
			fmt.Printf("%s: attempt %d ended as %s\n", e.Step, e.Attempt, e.Outcome)
		}
	}))
	_, _ = o, p // run, err := o.Run(ctx, p); run.Step("fit") then has the metric and the metadata

	// Outside of a run the function is a function like any other.
	fmt.Println(halve(context.Background(), 2))
	// Output: 0.25 <nil>
}
