package e2e

import (
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"testing"
)

// pushes is a registry that passes everything on to that of the cluster, and counts what is pushed.
type pushes struct {
	address string
	put     atomic.Int64
}

// countPushes starts such a registry. The node pulls from it, so that the test is skipped where that is another machine.
func (e *env) countPushes(t *testing.T) *pushes {
	t.Helper()
	if err := e.listen(t).Close(); err != nil {
		t.Fatal(err)
	}
	host, folder, _ := strings.Cut(e.registry, "/")
	p := &pushes{}
	passOn := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: host}) },
		ErrorLog: log.New(t.Output(), "", 0),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			p.put.Add(1)
		}
		passOn.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	// What other tests have pushed is not there.
	p.address = path.Join(server.Listener.Addr().String(), folder, e.namespace)
	return p
}

// manifests returns how many images were pushed: the manifest of each comes last.
func (p *pushes) manifests() int64 { return p.put.Load() }
