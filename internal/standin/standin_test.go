package standin_test

import (
	"context"
	"testing"

	"github.com/org/k8sorch/internal/standin"
)

func TestFor(t *testing.T) {
	t.Parallel()
	own := func() string { return "own" }
	set := standin.Set{"a": func() string { return "other" }, "b": func() int { return 1 }}
	for name, tt := range map[string]struct {
		ctx        context.Context
		step, want string
	}{
		"no set":       {t.Context(), "a", "own"},
		"replaced":     {standin.NewContext(t.Context(), set), "a", "other"},
		"another type": {standin.NewContext(t.Context(), set), "b", "own"},
		"another step": {standin.NewContext(t.Context(), set), "c", "own"},
	} {
		if got := standin.For(tt.ctx, tt.step, own)(); got != tt.want {
			t.Errorf("%s: the function is %q, want %q", name, got, tt.want)
		}
	}
}
