package pipeline

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

type metadataKey struct{}

// SetMetadata keeps a fact about the attempt that ctx belongs to, such as which data it has read, under a key; a later value
// of the same key replaces it. It is recorded with the attempt, whichever way that ends, and shown in [StepRun]. It must be no
// secret: everyone can read it who may read ConfigMaps.
//
// An attempt keeps 32 values and metrics together, under keys of up to 63 bytes, and values have up to 256 bytes. What is
// beyond that is left out, and a warning in the step's log says so: no step fails for it. Of an attempt whose process dies,
// nothing is kept. Outside of a step SetMetadata does nothing.
//
// A step that may not write records itself reports them in its pod's termination message, which has room for 4096 bytes. What
// does not fit there beside the result is left out, too, and StepRun says how much that was.
func SetMetadata(ctx context.Context, key, value string) {
	if m, ok := ctx.Value(metadataKey{}).(*attempt.Metadata); ok {
		warnRefused(ctx, key, m.SetValue(key, value))
	}
}

// SetMetric is [SetMetadata] for a number, such as an accuracy. It must be finite: NaN and infinities are left out.
func SetMetric(ctx context.Context, name string, value float64) {
	if m, ok := ctx.Value(metadataKey{}).(*attempt.Metadata); ok {
		warnRefused(ctx, name, m.SetMetric(name, value))
	}
}

// warnRefused logs that something is not kept, once for each reason: it may be said in a loop.
func warnRefused(ctx context.Context, key string, err error) {
	if refused, ok := errors.AsType[*attempt.RefusedError](err); ok && refused.First {
		Logger(ctx).Warn("metadata is not recorded", zap.String("key", key[:min(len(key), attempt.MaxMetadataKey)]), zap.Error(err))
	}
}

// describe takes over what an attempt has said of itself.
func (s *StepRun) describe(m *record.Metadata) {
	if m != nil {
		s.Metadata, s.Metrics, s.MetadataDropped = m.Values, m.Metrics, m.Dropped
	}
}
