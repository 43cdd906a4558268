// Package s3test holds the artifact store in a bucket against a real S3 server, the Versity gateway, over HTTP with
// signatures and multipart uploads. It is a module of its own to keep the server out of the library's requirements.
package s3test
