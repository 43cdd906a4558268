package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// TokenSource returns a token for whatever service the steps of a run call. It is asked once for each run, by the process
// that submits it; the token has to last as long as the run. For a [Schedule] it is asked once for all its runs.
type TokenSource func(ctx context.Context) (string, error)

type tokenKey struct{}

// Token returns the token that [Config.Token] gave the run, in the context of a step. It returns false where there is none,
// and outside of a step. The process's environment does not have it any more: what the step starts gets it only if the
// step hands it on.
func Token(ctx context.Context) (string, bool) {
	token, ok := ctx.Value(tokenKey{}).(string)
	return token, ok
}

// withToken returns the context of a step's function with the run's token, if there is one.
func withToken(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return context.WithValue(ctx, tokenKey{}, token)
}

// maxToken is how long a variable of a process may be on Linux, name included (MAX_ARG_STRLEN, execve(2)), with room for the name.
const maxToken = 128<<10 - 64

// resolveToken asks the configuration's source for the token.
func (s *submission) resolveToken(ctx context.Context) error {
	if s.config.Token == nil {
		return nil
	}
	token, err := s.config.Token(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("asking Config.Token for the token: %w", err)
	case token == "":
		return errors.New("asking Config.Token for the token: it is empty; leave Config.Token out where there is none")
	case len(token) > maxToken:
		return fmt.Errorf("asking Config.Token for the token: it has %d bytes, and steps find it in their environment, which holds %d", len(token), maxToken)
	case !utf8.ValidString(token) || strings.Contains(token, "\x00"):
		return errors.New("asking Config.Token for the token: steps find it in their environment, which holds UTF-8 without NUL; encode it, in Base64 for one")
	}
	s.token = token
	return nil
}

// tokenInSecret tells whether the run has a Secret with a token.
func (s *submission) tokenInSecret() bool {
	return s.config.Token != nil && orDefault(s.config.PassTokenAsSecret, true)
}

// yetToCome stands for a token that nobody has asked for.
const yetToCome = "(what Config.Token gives at submit)"

// tokenVar returns the variable that brings the token to the pods of steps; nil where there is none.
func (s *submission) tokenVar() *corev1.EnvVar {
	switch {
	case s.config.Token == nil:
		return nil
	case s.tokenInSecret():
		return new(kube.TokenVar(s.ref("")))
	case s.token == "":
		return new(kube.PlainTokenVar(yetToCome))
	}
	return new(kube.PlainTokenVar(s.token))
}

// tokenSecret returns what the Secret is made from; nil where there is none.
func (s *submission) tokenSecret() *kube.Token {
	if !s.tokenInSecret() {
		return nil
	}
	t := &kube.Token{Value: s.token}
	if account := s.runSettings().orchestratorAccount(); account != kube.OrchestratorAccount || !s.config.BindEditRole {
		t.Deleter = account
	}
	return t
}

// warnOfToken tells where a token is for all to read.
func (s *submission) warnOfToken() {
	if s.config.Token != nil && !s.tokenInSecret() {
		s.notice("Config.PassTokenAsSecret is false: whoever may read ConfigMaps or pods in the namespace can read the token")
	}
}

// deleteToken deletes the Secret of a run that is over. Where this process may not, another will: the client that waits, or
// the garbage collector once the run is deleted.
func deleteToken(ctx context.Context, conn *kube.Connection, p *plan.Plan, logger *zap.Logger) {
	if err := kube.DeleteToken(ctx, conn.Client, conn.Namespace, p); err != nil {
		logger.Info("the Secret with the run's token stays", zap.Error(err))
	}
}
