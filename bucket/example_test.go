package bucket_test

import (
	"context"
	"fmt"
	"log"

	"gocloud.dev/blob/memblob"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/bucket"
)

// Runs whose large values are kept in a bucket.
func Example() {
	p := pipeline.New("train").Step(pipeline.Func0("load", func(context.Context) ([]float64, error) { return nil, nil }))
	o := pipeline.NewOrchestrator(pipeline.Config{
		Registry: "registry.example.com/me", Artifacts: "s3://my-bucket/artifacts?region=eu-central-1",
	}, pipeline.WithArtifactStores(bucket.Open))
	_, err := o.Render(context.Background(), p)
	fmt.Println(err)
	// Output: <nil>
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
