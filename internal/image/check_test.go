package image

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	h := newHub()
	if err := h.pusher().Check(t.Context(), onBase("")); err != nil {
		t.Fatal(err)
	}
	for _, method := range h.seen() {
		if method == http.MethodPut {
			t.Error("something was put into the registry")
		}
	}
}

func TestCheckSaysWhatTheRegistryRefuses(t *testing.T) {
	t.Parallel()
	got := map[string]bool{}
	for name, refuse := range map[string]func(*http.Request) int{"anonymous": always(401), "may only pull": onUpload(403)} {
		h := newHub()
		h.refuse = refuse
		err := h.pusher().Check(t.Context(), onBase(""))
		got[name] = err != nil && strings.Contains(err.Error(), "run docker login registry.example.com")
	}
	if diff := cmp.Diff(map[string]bool{"anonymous": true, "may only pull": true}, got); diff != "" {
		t.Errorf("refusals with their remedy (-want +got):\n%s", diff)
	}
}
