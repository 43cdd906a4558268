// Package image turns the running program into a container image without Docker: its executable becomes one layer on a
// base image, or on nothing but certificates, and is pushed by digest.
//
// [Prepare] finds the executable for the cluster's platform, once per run. [Pusher.Push] makes sure an image of it is in
// a registry, once per base image. An image that is already there costs one HEAD request, and one more when its base is
// named by tag: nothing is compressed or uploaded.
//
// # Which executable
//
// In this order:
//
//  1. The running executable, when it is static and built for the platform.
//  2. The main package rebuilt with CGO_ENABLED=0, when its sources are in the main module of [Source.Dir]. This is the
//     usual case under "go run" where a C compiler is installed (package net then links libc), and on macOS. A rebuild
//     keeps the build tags and linker flags of the running executable, and it never takes cgo away from a package
//     outside the standard library: many compile without it and fail only when used. It compiles the sources as they are
//     now, so a program that was built earlier and edited since may become another one.
//  3. The running executable, when it is dynamic, built for the platform, and goes on a base that has its libraries
//     (CUDA). Only [Pusher.Push] knows the base, so it is Push that refuses a dynamic executable on an empty one.
//
// # What is in the image
//
// Last comes a layer with two entries: the executable at [Path], owned by root, and an empty /tmp that anybody may write
// to. The image runs the executable as user [UserID] in /tmp, which is also its home. From a base come its files,
// environment and labels; not its entrypoint, command, user, working directory, stop signal or volumes, which belong to
// another program. Without a base there is one layer below, with the certificates of public authorities as
// /etc/ssl/certs/ca-certificates.crt, where every program looks for them. A base is taken as it is: what it lacks, the
// program has from its own executable. There are no times in it, so the same executable on the same base is the same digest.
//
// Layers are gzip at its fastest level. Zstandard would save some 2 of 10 MB and 0.2 s when the program has changed, but
// mixes badly with bases in Docker's media types and is refused by older registries and node runtimes.
//
// # What is trusted
//
// The tag of an image is a hash of what goes into it, and an existing tag is believed: whoever may push to the repository
// decides what runs, as with any image. Credentials come from the Docker configuration and go to the registry only. Plain
// HTTP is used for loopback addresses only.
package image
