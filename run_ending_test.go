package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	pipeline "github.com/org/k8sorch"
)

// endingProgram runs child processes and ends the run in the way that its argument says, once the first step runs. That
// step goes on until the client hangs up, or until it is told to end.
func endingProgram() {
	if err := endRun(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func endRun(how string) error {
	second := pipeline.Func("second", increment, pipeline.Func0("first", callClient))
	drained := make(chan struct{})
	events := pipeline.WithEvents(func(e pipeline.Event) {
		if e.Step == "second" && e.Outcome == pipeline.Skipped && how == "drain" {
			close(drained)
		}
		if e.Kind == pipeline.LogLine {
			fmt.Println(e.Message)
		}
	})
	clients, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	config := pipeline.Config{Dir: "runs", Args: []string{how, clients.Addr().String()}}
	ctx := context.Background()
	o, p := pipeline.NewOrchestrator(config, events), pipeline.New("p").Step(second)
	h, err := o.Submit(ctx, p)
	if err != nil {
		return err
	}
	call, err := clients.Accept()
	if err != nil {
		return err
	}
	defer call.Close()
	switch how {
	case "drain":
		err = h.Drain(ctx, "enough for today")
		<-drained
		err = errors.Join(err, call.Close())
	case "retry":
		err = h.Stop(ctx, "to be retried")
	case "stop after a drain":
		err = errors.Join(h.Drain(ctx, "enough for today"), h.Stop(ctx, "at once"))
	}
	_, ended := h.Wait(ctx)
	if how == "retry" {
		return errors.Join(err, retryAtOnce(ctx, o, p, h, clients))
	}
	return errors.Join(err, ended)
}

// callClient calls the client and says what it is told at the end.
func callClient(ctx context.Context) (int, error) {
	call, err := net.Dial("tcp", os.Args[2])
	if err != nil {
		return 0, err
	}
	context.AfterFunc(ctx, func() { _ = call.Close() })
	if _, err := io.ReadAll(call); ctx.Err() == nil {
		return 1, err
	}
	cause := context.Cause(ctx)
	fmt.Println("terminated:", errors.Is(cause, pipeline.ErrTerminated), "stopped:", errors.Is(cause, pipeline.ErrStopped), "because:", cause)
	return 0, cause
}
