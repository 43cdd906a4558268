package record

import "time"

// Limits of what a record may carry.
const (
	// MaxInline is the largest value, in bytes, that a result record carries itself; larger ones go to the artifact
	// store. A ConfigMap holds 1 MiB at most (k8s.io/api/core/v1.MaxSecretSize, which ConfigMaps share).
	MaxInline = 256 << 10
	// MaxInlinePerRun bounds what the records of one run carry together, in bytes.
	MaxInlinePerRun = 64 << 20
)

// Result is the record of a step's success, one for each run and step: the first one made stands.
type Result struct {
	Run  string `json:"run"`
	Step string `json:"step"`
	// Attempt is the attempt that brought the value; 0 when the value was taken from an earlier run and there was none.
	Attempt int `json:"attempt"`
	// UID identifies the process that made the value: the pod's UID, or a process's own.
	UID string `json:"uid,omitempty"`
	// Digest is the SHA-256 of the encoded value, as "sha256:<hex>".
	Digest string `json:"digest"`
	// Size is the length of the encoded value in bytes.
	Size int64 `json:"size"`
	// Inline tells that the value is kept beside the record instead of in the artifact store.
	Inline bool `json:"inline,omitempty"`
	// Started and Finished are the times of the attempt that made the value, in whichever run.
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Cache is set for cached steps only.
	Cache *Cache `json:"cache,omitempty"`
	// Metadata is what the attempt that made the value has said of itself; nil when it said nothing.
	Metadata *Metadata `json:"metadata,omitempty"`
}

// Attempt is the record of an attempt that ended without a result.
type Attempt struct {
	Run     string `json:"run"`
	Step    string `json:"step"`
	Attempt int    `json:"attempt"`
	UID     string `json:"uid,omitempty"`
	End
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished"`
}

// End says how an attempt ended when it did not succeed.
type End struct {
	// Outcome is Failed, Lost, NotStarted or Stopped; it says which budget the attempt spends.
	Outcome Outcome `json:"outcome"`
	// Reason is one word in CamelCase, as Kubernetes uses it: Error, Panic, ExitCode, OOMKilled, NoResult, Evicted, ….
	Reason string `json:"reason"`
	// Message is for people.
	Message string `json:"message,omitempty"`
	// ExitCode is the process's, where it ran and exited.
	ExitCode int `json:"exitCode,omitempty"`
	// Permanent tells that another attempt would end the same way.
	Permanent bool `json:"permanent,omitempty"`
	// Metadata is what the attempt has said of itself before it ended; nil when it said nothing, or could not report it.
	Metadata *Metadata `json:"metadata,omitempty"`
}
