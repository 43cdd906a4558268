package bucket

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // serves azblob://
	_ "gocloud.dev/blob/gcsblob"   // serves gs://
	_ "gocloud.dev/blob/s3blob"    // serves s3://

	"github.com/org/k8sorch/internal/artifact"
)

// Open returns the artifact store at a URL such as "s3://bucket/prefix?region=eu-central-1"; the package documentation
// says which there are. It is meant for pipeline.WithArtifactStores, which calls it in every process of a run. Open does
// not ask the bucket anything: one that does not exist shows when it is first used.
//
// A driver that the program has registered with [blob.DefaultURLMux] is served too. A directory (file:///path) is kept
// without the Go CDK, whose driver writes across file systems.
func Open(ctx context.Context, storeURL string) (artifact.Store, error) {
	location, err := artifact.ParseURL(storeURL)
	if err == nil && location.Scheme == artifact.SchemeFile {
		return location.Dir(""), nil
	}
	if _, other := errors.AsType[*artifact.SchemeError](err); err != nil && !other {
		return nil, err
	}
	name := artifact.RedactURL(storeURL)
	opened, err := openBucket(ctx, storeURL)
	if err != nil {
		return nil, fmt.Errorf("opening artifact store %s: %w", name, scrub(err))
	}
	return New(opened, name), nil
}

func openBucket(ctx context.Context, storeURL string) (*blob.Bucket, error) {
	u, err := url.Parse(storeURL)
	if err != nil {
		return nil, err
	}
	prefix, err := prefixOf(u)
	if err != nil {
		return nil, err
	}
	u.Path, u.RawPath = "", ""
	setDefaults(u)
	opened, err := blob.DefaultURLMux().OpenBucketURL(ctx, u)
	if err != nil {
		return nil, err
	}
	if prefix == "" {
		return opened, nil
	}
	return blob.PrefixedBucket(opened, prefix+"/"), nil
}

// prefixOf returns the path of u without slashes around it.
func prefixOf(u *url.URL) (string, error) {
	prefix := strings.Trim(u.Path, "/")
	for part := range strings.SplitSeq(prefix, "/") {
		if prefix != "" && slices.Contains([]string{"", ".", ".."}, part) {
			return "", errors.New(`the path, which is a prefix inside the bucket, has an empty part, "." or ".."`)
		}
	}
	return prefix, nil
}

// setDefaults spares S3 a checksum of its own on reads: every artifact is checked against its digest, and the client
// prints a warning per object to standard error where a server sends none.
func setDefaults(u *url.URL) {
	const validation = "response_checksum_validation"
	query := u.Query()
	if u.Scheme != "s3" || query.Has(validation) {
		return
	}
	query.Set(validation, "when_required")
	u.RawQuery = query.Encode()
}
