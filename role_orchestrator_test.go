package pipeline

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// TestOrchestratorLogsWhatTheAPIServerWarnsOf connects as an orchestrator does, but for the account of the pod.
func TestOrchestratorLogsWhatTheAPIServerWarnsOf(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Warning", `299 - "would violate PodSecurity"`)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"kind":"Pod","apiVersion":"v1"}`))
	}))
	defer server.Close()
	core, logs := observer.New(zap.WarnLevel)
	target := NewOrchestrator(Config{}).ownTarget(reexec.Role{Kind: reexec.Orchestrator, Namespace: "team"}, zap.New(core))
	target.InCluster, target.RESTConfig = false, &rest.Config{Host: server.URL}
	conn, err := kube.Connect(target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Client.CoreV1().Pods(conn.Namespace).Get(t.Context(), "p", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	var warned []any
	for _, entry := range logs.All() {
		warned = append(warned, entry.ContextMap()["warning"])
	}
	if d := cmp.Diff([]any{"would violate PodSecurity"}, warned); d != "" {
		t.Errorf("warnings in the log (-want +got):\n%s", d)
	}
}
