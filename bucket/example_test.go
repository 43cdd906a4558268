package bucket_test

import (
	"context"
	"fmt"
	"log"

	"gocloud.dev/blob/memblob"

	"github.com/org/k8sorch/bucket"
)

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
