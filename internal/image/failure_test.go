package image

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func always(code int) func(*http.Request) int {
	return func(*http.Request) int { return code }
}

// onUpload refuses uploads and nothing else.
func onUpload(code int) func(*http.Request) int {
	return func(req *http.Request) int {
		if req.Method == http.MethodPost {
			return code
		}
		return 0
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refuse func(*http.Request) int
		want   string
	}{
		"anonymous":     {always(401), "registry.example.com wants credentials; run docker login registry.example.com, or put them in ~/.docker/config.json: "},
		"may only pull": {onUpload(403), "registry.example.com does not let this account push here; run docker login registry.example.com with one that may"},
		"not created":   {onUpload(404), "registry.example.com has no such repository and does not create it; create team/train there first: "},
		"mirror":        {onUpload(405), "registry.example.com takes no pushes; it may be a mirror or read-only: change Registry: "},
		"proxy limit":   {onUpload(413), "registry.example.com refuses uploads of this size; raise the limit of the proxy in front of it: "},
		"odd":           {onUpload(418), "registry.example.com refuses the push: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub()
			h.refuse = test.refuse
			_, err := h.pusher().Push(t.Context(), prepared(t, ""), onBase(""))
			want := "pushing image registry.example.com/team/train: " + test.want
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error = %v\nwant it to start with %s", err, want)
			}
		})
	}
}

func TestPassingFailuresAreRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		left := 2
		h.refuse = func(req *http.Request) int {
			if req.Method == http.MethodPost && left > 0 {
				left--
				return http.StatusServiceUnavailable
			}
			return 0
		}
		push(t, h.pusher(), prepared(t, ""), onBase(""))
		if left != 0 {
			t.Errorf("%d failures were never met", left)
		}
	})
}

func TestLastingTroubleIsReported(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		429: "registry.example.com limits the rate of requests; try again later: ",
		500: "registry.example.com is in trouble; try again, and see the registry's log: ",
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHub()
			h.refuse = always(code)
			_, err := h.pusher().Push(t.Context(), prepared(t, ""), onBase(""))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v\nwant it to contain %s", err, want)
			}
		})
	}
}

func TestCancelledPushStopsRetrying(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("the user has left")
		ctx, cancel := context.WithCancelCause(t.Context())
		h := newHub()
		attempts := 0
		h.refuse = func(*http.Request) int {
			attempts++
			cancel(reason)
			return http.StatusServiceUnavailable
		}
		_, err := h.pusher().Push(ctx, prepared(t, ""), onBase(""))
		if !errors.Is(err, reason) || attempts != 1 {
			t.Errorf("after %d attempts: %v; want %v after one", attempts, err, reason)
		}
	})
}

func TestPlainHTTPStaysOnTheMachine(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"127.0.0.1:5000":            true,
		"[::1]:5000":                true,
		"localhost:5000":            true,
		"registry.localhost:5000":   true,
		"10.0.0.5:5000":             false,
		"192.168.1.2":               false,
		"localhost.example.com:443": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHub()
			p := h.pusher()
			p.Transport = withoutTLS{h}
			_, err := p.Push(t.Context(), prepared(t, ""), Target{Registry: host, Name: "train"})
			switch {
			case want && err != nil:
				t.Errorf("%s: %v", host, err)
			case !want && (err == nil || !strings.Contains(err.Error(), host+" does not speak https, and plain http is used for loopback")):
				t.Errorf("%s: error = %v, want a refusal of plain http", host, err)
			}
		})
	}
}

// withoutTLS is a network whose registries know no TLS.
type withoutTLS struct{ *hub }

func (n withoutTLS) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == "https" {
		return nil, http.ErrSchemeMismatch
	}
	return n.hub.RoundTrip(req)
}

func TestRedirectToPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	h := newHub()
	p := h.pusher()
	p.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Scheme == "http" {
			t.Errorf("plain request to %s", req.URL)
		}
		answer := httptest.NewRecorder()
		http.Redirect(answer, req, "http://elsewhere.example.com"+req.URL.Path, http.StatusTemporaryRedirect)
		return answer.Result(), nil
	})
	if image, err := p.Push(t.Context(), prepared(t, ""), onBase("")); err == nil {
		t.Errorf("pushed %s through a plain redirect", image)
	}
}

func TestUnreachableRegistry(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	host := strings.TrimPrefix(server.URL, "http://")
	server.Close()

	p := newHub().pusher()
	p.Transport = nil
	_, err := p.Push(t.Context(), prepared(t, ""), Target{Registry: host, Name: "train"})
	want := "pushing image " + host + "/train: " + host + " cannot be reached; check the address, and that the registry is running: "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error = %v\nwant it to start with %s", err, want)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(newHub())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	p := newHub().pusher()
	p.Transport = &http.Transport{DisableKeepAlives: true}
	_, err := p.Push(t.Context(), prepared(t, ""), Target{Registry: server.Listener.Addr().String(), Name: "train"})
	if err == nil || !strings.Contains(err.Error(), "is not trusted; add its authority to the system's, or name it in SSL_CERT_FILE: ") {
		t.Errorf("error = %v, want one about the certificate", err)
	}
}

func TestTargetNames(t *testing.T) {
	t.Parallel()
	for target, want := range map[Target]string{
		{Registry: "registry.example.com/team", Name: "train"}:    "registry.example.com/team/train",
		{Registry: "registry.example.com/team/", Name: "train"}:   "registry.example.com/team/train",
		{Registry: "127.0.0.1:5000", Name: "train"}:               "127.0.0.1:5000/train",
		{Registry: "docker.io/team", Name: "train"}:               "index.docker.io/team/train",
		{Registry: "", Name: "train"}:                             "no registry is set: set Registry to the host and path",
		{Registry: "http://10.0.0.5:5000", Name: "train"}:         `registry "http://10.0.0.5:5000": leave the scheme out, as in 10.0.0.5:5000; plain http is used for loopback`,
		{Registry: "team", Name: "train"}:                         `registry "team" names no host: write docker.io/team if Docker Hub is meant`,
		{Registry: "registry.example.com/Team", Name: "train"}:    `registry "registry.example.com/Team" with name "train": `,
		{Registry: "registry.example.com/team", Name: "train:v1"}: `registry "registry.example.com/team" with name "train:v1": `,
	} {
		repo, err := target.repository()
		got := repo.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%+v: %s\nwant %s", target, got, want)
		}
	}
}

func TestCredentialsComeFromDockersConfiguration(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("HOME", t.TempDir())
	secret := base64.StdEncoding.EncodeToString([]byte("user:secret"))
	config := `{"auths": {"registry.example.com": {"auth": "` + secret + `"}}}`
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}

	h := newHub()
	baseRef := h.addBase(t, baseImage(t, amd64()))
	var mu sync.Mutex
	shown := map[string]string{}
	p := &Pusher{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if auth := req.Header.Get("Authorization"); auth != "" {
			shown[req.URL.Host] = auth
		}
		return h.RoundTrip(req)
	})}
	push(t, p, prepared(t, ""), onBase(baseRef))
	if diff := cmp.Diff(map[string]string{"registry.example.com": "Basic " + secret}, shown); diff != "" {
		t.Errorf("credentials by host (-want +got):\n%s", diff)
	}
}
