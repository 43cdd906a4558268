package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// faults are what a faulty proxy does instead of passing on, and how often: parts of one hundred calls.
type faults struct {
	// tooMany answers 429 and asks for a second, broken answers 500, unavailable 503.
	tooMany, broken, unavailable int
	// lost passes a write on and cuts the connection instead of answering.
	lost int
	// watches are cut after this time; 0 leaves them.
	watches time.Duration
}

// proxy stands between a run and the API server. Whoever brings a token acts by it, as pods do; others as the test.
type proxy struct {
	host, port string
	faults     faults
	asTest     http.Handler
	asCaller   http.Handler
	mu         sync.Mutex
	dice       *rand.Rand
	// did counts what was done, by name.
	did map[string]int
}

// newProxy starts a proxy at the address of the API server, with its certificate, so that pods trust it.
func (e *env) newProxy(t *testing.T, f faults) *proxy {
	t.Helper()
	server, err := url.Parse(e.config.Host)
	if err != nil {
		t.Fatal(err)
	}
	listener := e.listen(t)
	p := &proxy{faults: f, dice: rand.New(rand.NewPCG(1, 2)), did: map[string]int{}}
	if p.host, p.port, err = net.SplitHostPort(listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	p.asTest, p.asCaller = passOn(t, server, e.config), passOn(t, server, rest.AnonymousClientConfig(e.config))
	// Over HTTP/1.1 a cut takes the connection along.
	serves := &http.Server{Handler: p, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, ErrorLog: log.New(t.Output(), "", 0)}
	pki := filepath.Join(os.Getenv(stateVariable), "pki", apiServer)
	go serves.ServeTLS(listener, pki+".crt", pki+".key")
	t.Cleanup(func() {
		serves.Close()
		t.Logf("the proxy: %v", p.counts())
	})
	return p
}

// listen listens at the address of the API server, and skips the test where it is not on this machine.
func (e *env) listen(t *testing.T) net.Listener {
	t.Helper()
	server, err := url.Parse(e.config.Host)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(server.Hostname(), "0"))
	if err != nil {
		t.Skipf("pods do not reach what listens here: %v", err)
	}
	return listener
}

// passOn passes requests on with these credentials.
func passOn(t *testing.T, server *url.URL, config *rest.Config) http.Handler {
	t.Helper()
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(server) },
		Transport: transport, FlushInterval: -1, ErrorLog: log.New(t.Output(), "", 0),
	}
}

// kubeconfig returns the path of a kubeconfig that leads to the proxy.
func (p *proxy) kubeconfig(t *testing.T, e *env) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(e.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, cluster := range config.Clusters {
		cluster.Server = "https://" + net.JoinHostPort(p.host, p.port)
	}
	config.AuthInfos = map[string]*clientcmdapi.AuthInfo{}
	for _, c := range config.Contexts {
		c.AuthInfo = ""
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// env returns the variables by which pods take the proxy for the API server.
func (p *proxy) env() []corev1.EnvVar {
	return []corev1.EnvVar{{Name: "KUBERNETES_SERVICE_HOST", Value: p.host}, {Name: "KUBERNETES_SERVICE_PORT", Value: p.port}}
}

// ServeHTTP implements http.Handler.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	next := p.asTest
	if r.Header.Get("Authorization") != "" {
		next = p.asCaller
	}
	isWatch, _ := strconv.ParseBool(r.URL.Query().Get("watch"))
	switch {
	case isWatch && p.faults.watches > 0:
		p.count("watch")
		ctx, cancel := context.WithTimeout(r.Context(), p.faults.watches)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	default:
		p.disturb(next, w, r)
	}
}

// disturb passes a call on, or does what the dice say.
func (p *proxy) disturb(next http.Handler, w http.ResponseWriter, r *http.Request) {
	f, drawn := p.faults, p.draw()
	switch {
	case drawn < f.tooMany:
		w.Header().Set("Retry-After", "1")
		p.refuse(w, http.StatusTooManyRequests)
	case drawn < f.tooMany+f.broken:
		p.refuse(w, http.StatusInternalServerError)
	case drawn < f.tooMany+f.broken+f.unavailable:
		p.refuse(w, http.StatusServiceUnavailable)
	case drawn < f.tooMany+f.broken+f.unavailable+f.lost && r.Method != http.MethodGet:
		p.count("lost " + r.Method)
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		p.count("passed on")
		next.ServeHTTP(w, r)
	}
}

func (p *proxy) refuse(w http.ResponseWriter, code int) {
	p.count(strconv.Itoa(code))
	http.Error(w, "a fault of the proxy", code)
}

func (p *proxy) draw() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dice.IntN(100)
}

func (p *proxy) count(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did[what]++
}

func (p *proxy) counts() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprint(p.did)
}
