package bucket_test

import (
	"context"
	"fmt"
	"log"

	"gocloud.dev/blob/memblob"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/bucket"
	"github.com/org/k8sorch/cli"
)

// A command line program whose large values are kept in a bucket.
func Example() {
	value := pipeline.Func0("make", func(context.Context) (int, error) { return 1, nil })
	config := pipeline.Config{Artifacts: "s3://my-bucket/artifacts?region=eu-central-1"}
	cli.Main(pipeline.New("train").Step(value),
		cli.WithConfig(config), cli.With(pipeline.WithArtifactStores(bucket.Open)))
}

func ExampleOpen() {
	store, err := bucket.Open(context.Background(),
		"s3://my-bucket/artifacts?region=us-east-1&endpoint=https://minio.example:9000&use_path_style=true")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store)
	// Output: s3://my-bucket/artifacts
}

// A bucket that needs options no URL has is opened with the Go CDK.
func ExampleNew() {
	store := bucket.New(memblob.OpenBucket(nil), "memory")
	fmt.Println(store)
	// Output: memory
}
