// Command sizes makes values of several sizes, each as a []byte and as a stream, and has another step check what arrives.
// Steps that stream may use far less memory than the largest of the values takes.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/bucket"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	var goals []pipeline.Node
	for _, size := range []struct {
		name  string
		bytes int64
	}{{"0b", 0}, {"1kb", 1e3}, {"250kb", 250e3}, {"5mb", 5e6}, {"200mb", 200e6}} {
		bytes := pipeline.Func0("bytes-"+size.name, makeBytes(size.bytes))
		blob := pipeline.Func0("blob-"+size.name, makeBlob(size.bytes)).Settings(lean())
		goals = append(goals,
			pipeline.Func("check-bytes-"+size.name, checkBytes(size.bytes), bytes),
			pipeline.Func("check-blob-"+size.name, checkBlob(size.bytes), blob).Settings(lean()))
	}
	cli.Main(pipeline.New("sizes").Step(goals...), cli.WithConfig(given.Config()),
		cli.With(pipeline.WithArtifactStores(bucket.Open)))
}

// lean leaves a step's process two thirds of the memory that the largest value takes.
func lean() pipeline.KubernetesOrchestratorSettings {
	limits := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("128Mi")}
	return pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		Resources: &corev1.ResourceRequirements{Limits: limits},
	}}
}

// content returns so many bytes that no compression makes fewer.
func content(size int64) io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{}), size) }

func makeBytes(size int64) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return io.ReadAll(content(size)) }
}

func makeBlob(size int64) func(context.Context) (pipeline.Blob, error) {
	return func(context.Context) (pipeline.Blob, error) {
		return pipeline.BlobFrom(func(_ context.Context, w io.Writer) error {
			_, err := io.Copy(w, content(size))
			return err
		}), nil
	}
}

func checkBytes(size int64) func(context.Context, []byte) (pipeline.None, error) {
	return func(_ context.Context, got []byte) (pipeline.None, error) {
		want, err := digest(content(size))
		if err == nil && sha256.Sum256(got) != want {
			err = fmt.Errorf("%d bytes arrived, and not those that were sent", len(got))
		}
		return pipeline.None{}, err
	}
}

func checkBlob(size int64) func(context.Context, pipeline.Blob) (pipeline.None, error) {
	return func(ctx context.Context, blob pipeline.Blob) (pipeline.None, error) {
		r, err := blob.Open(ctx)
		if err != nil {
			return pipeline.None{}, err
		}
		defer r.Close()
		got, gotErr := digest(r)
		want, wantErr := digest(content(size))
		err = errors.Join(gotErr, wantErr)
		if err == nil && (got != want || blob.Size() != size) {
			err = fmt.Errorf("%d bytes arrived, and not those that were sent", blob.Size())
		}
		return pipeline.None{}, err
	}
}

func digest(r io.Reader) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	_, err = io.Copy(h, r)
	return [sha256.Size]byte(h.Sum(nil)), err
}
