package pipeline

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/org/k8sorch/internal/attempt"
)

func TestWhatIsNotRecordedIsWarnedOfOnce(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.WarnLevel)
	ctx := attemptContext(t.Context(), Info{Step: "train", Attempt: 1}, time.Time{}, zap.New(core))
	ctx = context.WithValue(ctx, metadataKey{}, attempt.NewMetadata())
	for range 100 {
		SetMetric(ctx, "loss", math.NaN())
	}
	var got []string
	for _, entry := range logs.All() {
		got = append(got, entry.Message+": "+entry.ContextMap()["key"].(string)+": "+entry.ContextMap()["error"].(string))
	}
	want := []string{"metadata is not recorded: loss: NaN cannot be kept, since records are JSON: give a finite number"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
