package main

import (
	"context"
	"fmt"
	"strings"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
)

// attempts has one step, whose attempts end as its parameter says, and which may fail twice.
func attempts() *pipeline.Pipeline {
	ends := pipeline.Param("ends", "succeed").Usage("how each attempt ends, in order: succeed, fail, hang; commas between")
	step := pipeline.Func("try", try, ends).Retry(pipeline.Retry{MaxRetries: 2})
	return pipeline.New("attempts").Step(step)
}

// try returns the number of the attempt that has succeeded.
func try(ctx context.Context, ends string) (int, error) {
	number := pipeline.AttemptInfo(ctx).Attempt
	pipeline.Logger(ctx).Info("tries", zap.Int("number", number))
	all := strings.Split(ends, ",")
	if number > len(all) {
		return 0, fmt.Errorf("attempt %d is one too many", number)
	}
	switch all[number-1] {
	case "fail":
		return 0, fmt.Errorf("attempt %d fails", number)
	case "hang":
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}
	return number, nil
}
