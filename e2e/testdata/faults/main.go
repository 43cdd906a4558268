// Faults is a pipeline whose middle step ends as its parameter says.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

func main() {
	how := pipeline.Param("how", "succeed").Usage("how the step victim ends: succeed, error, panic, exit3, oom, exit0, hang")
	retries := pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{Resources: limits()}}
	victim := pipeline.Func("victim", fall, how).Settings(retries)
	after := pipeline.Func("after", func(_ context.Context, n int) (int, error) { return n + 1, nil }, victim)
	beside := pipeline.Func0("beside", func(context.Context) (int, error) { return 1, nil })
	cli.Main(pipeline.New("faults").Step(after, beside))
}

func fall(ctx context.Context, how string) (int, error) {
	pipeline.Logger(ctx).Info("falls", zap.String("how", how))
	switch how {
	case "error":
		return 0, errors.New("the disk is on fire")
	case "panic":
		var m map[string]int
		m["a"] = 1
	case "exit3":
		os.Exit(3)
	case "exit0":
		os.Exit(0)
	case "oom":
		return eat(), nil
	case "hang":
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}
	return 1, nil
}

// eat takes memory until somebody stops it.
func eat() int {
	var all [][]byte
	for {
		b := make([]byte, 16<<20)
		for i := range b {
			b[i] = 1
		}
		all = append(all, b)
		time.Sleep(time.Millisecond)
		if len(all) > 1<<20 {
			return len(all)
		}
	}
}
