// Package enginetest helps to test what drives a run and what a run lives on.
//
// A [Run] is a cluster in memory, as many of whose clients may watch it at once as a test likes: goroutines are its
// attempts, maps its records, and it can be told to refuse, hold back, lose and hide them. [Conformance] holds any
// [engine.Cluster] to what the engine relies on, this one included.
package enginetest
