package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	ktesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// canary is a token. It must be nowhere but in the run's Secret and in the contexts of its steps.
const canary = "canary-7c2f9a"

func giveCanary(context.Context) (string, error) { return canary, nil }

// tokenProgram runs a step as a child process that says what it got.
func tokenProgram() {
	asked := 0
	source := func(context.Context) (string, error) { asked++; return canary, nil }
	if len(os.Args) > 1 {
		source = map[string]func(context.Context) (string, error){
			"broken": func(context.Context) (string, error) { return "", errors.New("the vault is locked") },
			"empty":  func(context.Context) (string, error) { return "", nil },
		}[os.Args[1]]
	}
	step := pipeline.Func0("call", func(ctx context.Context) (int, error) {
		if token, ok := pipeline.Token(ctx); ok && token == canary {
			fmt.Println("step: the token is the right one")
		}
		pipeline.Logger(ctx).Info("called")
		env, err := exec.CommandContext(ctx, "env").Output()
		if !bytes.Contains(env, []byte("K8SORCH_")) {
			fmt.Println("step: what it starts has no such variable")
		}
		return 1, err
	})
	o := pipeline.NewOrchestrator(pipeline.Config{Dir: "runs", Token: source}, pipeline.WithEvents(func(e pipeline.Event) { fmt.Println(e.Message) }))
	if _, err := o.Run(context.Background(), pipeline.New("p").Step(step)); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	if asked == 1 {
		fmt.Println("client: asked once")
	}
}

// tokenRun is a run on Kubernetes with a token, and all that became of it.
type tokenRun struct {
	cluster *k8sorchtest.Cluster
	o       *pipeline.Orchestrator
	logs    *observer.ObservedLogs

	mu      sync.Mutex
	events  []pipeline.Event
	written []string
}

func newTokenRun(t *testing.T, p *pipeline.Pipeline, change ...func(*pipeline.Config)) *tokenRun {
	t.Helper()
	r := &tokenRun{cluster: k8sorchtest.New(t, p)}
	r.cluster.Clientset().PrependReactor("*", "*", r.write)
	core, logs := observer.New(zap.DebugLevel)
	r.logs = logs
	config := pipeline.Config{
		Namespace: k8sorchtest.Namespace, Args: []string{}, Token: giveCanary,
		Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
	}
	for _, f := range change {
		f(&config)
	}
	r.o = pipeline.NewOrchestrator(config, pipeline.WithClientset(r.cluster.Clientset()), pipeline.WithLogger(zap.New(core)),
		pipeline.WithEvents(func(e pipeline.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, e)
		}))
	return r
}

// write takes note of what is written to the API server, but for Secrets.
func (r *tokenRun) write(action ktesting.Action) (bool, runtime.Object, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch a := action.(type) {
	case ktesting.CreateActionImpl: // an update, too
		if a.GetResource().Resource != "secrets" {
			r.written = append(r.written, asText(a.GetObject()))
		}
	case ktesting.PatchActionImpl:
		r.written = append(r.written, string(a.GetPatch()))
	}
	return false, nil, nil
}

// asText returns an object as JSON, and the plan that is packed into it.
func asText(object runtime.Object) string {
	b, err := json.Marshal(object)
	if err != nil {
		return err.Error()
	}
	if cm, ok := object.(*corev1.ConfigMap); ok {
		for _, packed := range cm.BinaryData {
			if z, err := gzip.NewReader(bytes.NewReader(packed)); err == nil {
				plain, _ := io.ReadAll(z)
				b = append(b, plain...)
			}
		}
	}
	return string(b)
}

// wantNoCanary looks for the token everywhere.
func (r *tokenRun) wantNoCanary(t *testing.T, more ...any) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.written) == 0 || len(r.events) == 0 {
		t.Fatal("nothing was written or told: there is nothing to look at")
	}
	for _, what := range append(more, r.written, r.events, r.logs.All()) {
		if text := fmt.Sprintf("%+v", what); strings.Contains(text, canary) {
			t.Errorf("the token is in %s", text)
		}
	}
}

func (r *tokenRun) wantNoSecret(t *testing.T) {
	t.Helper()
	secrets, err := r.cluster.Clientset().CoreV1().Secrets(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(secrets.Items) > 0 {
		t.Errorf("Secrets are left: %v, %v", secrets.Items, err)
	}
}

// deleted returns a channel that is closed when a Secret is deleted.
func (r *tokenRun) deleted(t *testing.T) <-chan struct{} {
	t.Helper()
	w, err := r.cluster.Clientset().CoreV1().Secrets(k8sorchtest.Namespace).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer w.Stop()
		for e := range w.ResultChan() {
			if e.Type == watch.Deleted {
				close(gone)
				return
			}
		}
	}()
	return gone
}

// told tells whether a notice has this text.
func (r *tokenRun) told(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Kind == pipeline.Notice && strings.Contains(e.Message, text) {
			return true
		}
	}
	return false
}

// deny refuses all calls of a verb on a resource.
func (r *tokenRun) deny(verb, resource string) {
	r.cluster.Clientset().PrependReactor(verb, resource, func(ktesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(corev1.Resource(resource), "", errors.New("no"))
	})
}

// tokenStep fails unless it gets the token.
func tokenStep(ctx context.Context) (int, error) {
	if token, ok := pipeline.Token(ctx); !ok || token != canary {
		return 0, errors.New("not the token")
	}
	pipeline.Logger(ctx).Info("called")
	return 1, nil
}

func TestTokenEndsWithTheRun(t *testing.T) {
	t.Parallel()
	bad := pipeline.Func0("bad", func(context.Context) (int, error) { return 0, errors.New("bad") })
	for name, step := range map[string]*pipeline.Step[int]{"success": pipeline.Func0("call", tokenStep), "failure": bad} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pipeline.New("p").Step(step)
			r := newTokenRun(t, p)
			gone := r.deleted(t)
			h, err := r.o.Submit(r.cluster.Context(t.Context()), p)
			if err != nil {
				t.Fatal(err)
			}
			<-gone // Nobody waits for the run, so it is the orchestrator that deletes it.
			run, err := h.Wait(t.Context())
			if (err == nil) != (name == "success") {
				t.Errorf("Wait: %v", err)
			}
			r.wantNoSecret(t)
			r.wantNoCanary(t, *run, err)
		})
	}
}

func TestTokenEndsWithARunThatIsStopped(t *testing.T) {
	t.Parallel()
	hang, running := hanging()
	p := pipeline.New("p").Step(hang)
	r := newTokenRun(t, p)
	gone := r.deleted(t)
	h, err := r.o.Submit(r.cluster.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	<-running
	if err := h.Stop(t.Context(), "enough"); err != nil {
		t.Fatal(err)
	}
	<-gone
	run, err := h.Wait(t.Context())
	r.wantNoSecret(t)
	r.wantNoCanary(t, *run, err)
}

func TestTokenOfARunThatCannotBeSubmitted(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("call", tokenStep))
	r := newTokenRun(t, p)
	r.deny("create", "configmaps")
	_, err := r.o.Submit(r.cluster.Context(t.Context()), p)
	if err == nil {
		t.Fatal("no error")
	}
	r.wantNoSecret(t)
	if strings.Contains(err.Error(), canary) {
		t.Errorf("the token is in %v", err)
	}
}

// TestClientDeletesTheTokenOfACrashedOrchestrator has an orchestrator that no run of main can be.
func TestClientDeletesTheTokenOfACrashedOrchestrator(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("call", tokenStep))
	r := newTokenRun(t, pipeline.New("other").Step(pipeline.Func0("call", tokenStep)))
	run, err := r.o.Run(r.cluster.Context(t.Context()), p)
	if err == nil || run.Outcome != pipeline.Failed {
		t.Fatalf("run %+v, %v, want it failed", run, err)
	}
	r.wantNoSecret(t)
	r.wantNoCanary(t, *run, err)
}

func TestClientDeletesTheTokenWhereTheOrchestratorMayNot(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("call", tokenStep))
	r := newTokenRun(t, p)
	r.cluster.Clientset().PrependReactor("create", "roles", func(action ktesting.Action) (bool, runtime.Object, error) {
		role := action.(ktesting.CreateAction).GetObject().(*rbacv1.Role)
		return strings.HasSuffix(role.Name, "-token"), nil, apierrors.NewForbidden(rbacv1.Resource("roles"), role.Name, errors.New("no"))
	})
	denied := make(chan struct{})
	var once sync.Once
	r.cluster.Clientset().PrependReactor("delete", "secrets", func(ktesting.Action) (handled bool, _ runtime.Object, err error) {
		once.Do(func() {
			close(denied)
			handled, err = true, apierrors.NewForbidden(corev1.Resource("secrets"), "", errors.New("no"))
		})
		return handled, nil, err
	})
	h, err := r.o.Submit(r.cluster.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	if !r.told("stays until the run is deleted") {
		t.Error("no notice says that the Secret stays")
	}
	<-denied // The orchestrator has tried.
	if _, err := h.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	r.wantNoSecret(t)
}

func TestTokenInThePodsThemselves(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("call", tokenStep))
	r := newTokenRun(t, p, func(c *pipeline.Config) { c.PassTokenAsSecret = new(false) })
	r.deny("create", "secrets")
	if _, err := r.o.Run(r.cluster.Context(t.Context()), p); err != nil {
		t.Fatal(err)
	}
	if !r.told("PassTokenAsSecret is false") {
		t.Error("no notice warns of a token that can be read")
	}
}

func TestRenderHasNoToken(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("call", tokenStep))
	source := func(context.Context) (string, error) {
		t.Error("the token was asked for")
		return canary, nil
	}
	for secret, want := range map[bool]string{true: "secretKeyRef:", false: "(what Config.Token gives at submit)"} {
		o := pipeline.NewOrchestrator(pipeline.Config{
			Token: source, PassTokenAsSecret: &secret, Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/test:1")},
		})
		objects, err := o.Render(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(objects), want) {
			t.Errorf("in a Secret: %t, rendered:\n%s\nwant in it %q", secret, objects, want)
		}
		if has := strings.Contains(string(objects), "kind: Secret\n"); has != secret {
			t.Errorf("in a Secret: %t, rendered: %t", secret, has)
		}
	}
}

func TestNoTokenOutsideOfAStep(t *testing.T) {
	t.Parallel()
	if token, ok := pipeline.Token(t.Context()); ok {
		t.Errorf("Token = %q, want none", token)
	}
	none := pipeline.Func0("none", func(ctx context.Context) (bool, error) {
		_, ok := pipeline.Token(ctx)
		return ok, nil
	})
	run := k8sorchtest.Run(t, pipeline.New("p").Step(none))
	if ok, err := none.Result(t.Context(), run); ok || err != nil {
		t.Errorf("a run without a token has one: %t, %v", ok, err)
	}
}
