// Command token is a pipeline of one step that tells the digest of the token that its run was given.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	step := pipeline.Func0("call", digest)
	config := given.Config()
	config.Token = func(context.Context) (string, error) { return os.Getenv("TOKEN"), nil }
	report := func(ctx context.Context, run *pipeline.Run) error {
		text, err := step.Result(ctx, run)
		fmt.Println(text)
		return err
	}
	cli.Main(pipeline.New("token").Step(step), cli.WithConfig(config), cli.Report(report))
}

func digest(ctx context.Context) (string, error) {
	token, ok := pipeline.Token(ctx)
	if !ok {
		return "", errors.New("there is no token")
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:]), nil
}
