// Package bucket keeps artifacts in a bucket: Amazon S3 and what is compatible with it, Google Cloud Storage, Azure Blob
// Storage. It is apart from the pipeline package because the clients of the three clouds double the size of a program.
//
//	o := pipeline.NewOrchestrator(pipeline.Config{
//		Artifacts: "s3://my-bucket/artifacts?region=eu-central-1",
//	}, pipeline.WithArtifactStores(bucket.Open))
//
// # URLs
//
// The path is a prefix inside the bucket. The query is that of the Go CDK's driver; what is most used of it:
//
//	s3://bucket/prefix?region=eu-central-1
//	s3://bucket/prefix?region=us-east-1&endpoint=https://minio.example:9000&use_path_style=true
//	gs://bucket/prefix
//	azblob://container/prefix?storage_account=name
//	file:///absolute/path
//
// For S3 (gocloud.dev/blob/s3blob, gocloud.dev/aws): region (default AWS_REGION), endpoint (a server other than AWS),
// use_path_style (true for most such servers), profile, role (an ARN to assume), ssetype and kmskeyid (encryption),
// request_checksum_calculation (when_required for servers that do not know the newer checksums; default when_supported),
// anonymous, dualstack, fips, accelerate. An unknown parameter is an error.
//
// # Credentials
//
// Never in the URL, which is readable in the cluster; [Open] refuses those it recognizes. They come from where each
// cloud's own tools look: the pod's service account (IRSA, Pod Identity, Workload Identity), the node, or the environment
// (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_KEY …), which a Secret
// fills.
//
// They need to read and write objects under the prefix, and should be able to list them (s3:ListBucket,
// storage.objects.list): without that, S3 and Google answer "forbidden" for an object that does not exist, so it is
// unknown rather than missing.
//
// # Cost
//
// An upload takes some buffers of 8 MiB (give a step that stores large artifacts in S3 100 MiB for it), whatever the size
// of the artifact; more only beyond 80 GB. A process killed in
// the middle of a large upload to S3 leaves invisible parts behind that are charged for: give the bucket a lifecycle rule
// that aborts incomplete multipart uploads.
package bucket
