package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/kube"
)

// CheckResult says how a [Check] came out.
type CheckResult string

const (
	// CheckOK: it is as a run needs it.
	CheckOK CheckResult = "ok"
	// CheckWarn: a run may go well, but something is missing that helps, or could not be looked at.
	CheckWarn CheckResult = "warn"
	// CheckFail: a run would be refused, or come to a halt.
	CheckFail CheckResult = "fail"
)

// Check is one of the things that a run needs.
type Check struct {
	// Name is one word: pipeline, cluster, rights, accounts, image, pods, artifacts or events.
	Name string `json:"name"`
	// Result says how it came out.
	Result CheckResult `json:"result"`
	// Message is what was found.
	Message string `json:"message"`
	// Remedy says what to do, where there is something to be done.
	Remedy string `json:"remedy,omitempty"`
}

// checkPatience bounds each check: a person waits for it.
const checkPatience = 30 * time.Second

// Doctor checks whether a run of the pipeline with these options would find what it needs: a cluster that answers, the
// namespace, the rights of the caller, the service accounts, a registry that takes images, an artifact store that can be
// reached, and a namespace that admits the pods. It makes nothing: pods are created in a dry run, and an upload to the
// registry is begun and given up. What depends on a check that has failed is left out. The error is that of a pipeline or an
// option that is wrong, or of ctx.
func (o *Orchestrator) Doctor(ctx context.Context, p *Pipeline, opts ...RunOption) ([]Check, error) {
	s, err := o.submission(p, opts)
	if err != nil {
		return nil, err
	}
	c := &checkup{submission: s}
	for _, check := range []func(context.Context) Check{
		c.settings, c.cluster, c.rights, c.serviceAccounts, c.image, c.admission, c.artifacts, c.eventRights,
	} {
		if len(c.checks) > 1 && c.conn == nil {
			break
		}
		limited, cancel := context.WithTimeout(ctx, checkPatience)
		c.checks = append(c.checks, check(limited))
		cancel()
	}
	return c.checks, context.Cause(ctx)
}

// checkup is the checks of one submission that is not made.
type checkup struct {
	*submission
	checks []Check
	// conn is nil until the cluster has answered.
	conn *kube.Connection
	// accountless tells that service accounts are still to be made, without which no pod is admitted.
	accountless bool
}

func checkOK(name, format string, args ...any) Check {
	return Check{Name: name, Result: CheckOK, Message: fmt.Sprintf(format, args...)}
}

func checkFailed(name string, err error, remedy string) Check {
	return Check{Name: name, Result: CheckFail, Message: err.Error(), Remedy: remedy}
}

func (c *checkup) settings(context.Context) Check {
	const name = "pipeline"
	if err := errors.Join(c.check(), c.checkForKubernetes()); err != nil {
		return checkFailed(name, err, "correct the pipeline or its settings")
	}
	return checkOK(name, "%s, %d steps", c.design.name, len(c.design.graph.Steps()))
}

func (c *checkup) cluster(ctx context.Context) Check {
	const name = "cluster"
	if !c.OnCluster() {
		return checkFailed(name, errors.New("none is named: runs are child processes of this program"),
			"name one: Config.Context, Config.Kubeconfig or Config.InCluster (flags --context, --kubeconfig, --in-cluster)")
	}
	conn, err := c.connect()
	if err != nil {
		return checkFailed(name, err, "")
	}
	server, err := conn.Check(ctx)
	if err != nil {
		return checkFailed(name, err, "")
	}
	c.conn = conn
	return checkOK(name, "Kubernetes %s on %s, by %s, namespace %s", server.Version, server.Platform, conn.Source, conn.Namespace)
}

func (c *checkup) rights(ctx context.Context) Check {
	const name = "rights"
	rules := kube.SubmitterRules()
	if c.tokenInSecret() {
		rules = append(rules, kube.TokenRules()...)
	}
	missing, err := kube.MissingRights(ctx, c.conn.Client, c.conn.Namespace, rules)
	switch {
	case err != nil:
		return Check{Name: name, Result: CheckWarn, Message: err.Error()}
	case len(missing) > 0:
		return checkFailed(name, errors.New("you may not "+strings.Join(missing, ", ")),
			"have somebody apply what Orchestrator.SubmitterRBAC returns and the command rbac prints with --submitter")
	}
	return checkOK(name, "you may submit, follow, stop and delete runs")
}

func (c *checkup) eventRights(ctx context.Context) Check {
	const name = "events"
	missing, err := kube.MissingRights(ctx, c.conn.Client, c.conn.Namespace, kube.EventRules())
	switch {
	case err != nil:
		return Check{Name: name, Result: CheckWarn, Message: err.Error()}
	case len(missing) > 0:
		return Check{
			Name: name, Result: CheckWarn, Message: "you may not list events, which alone tell why some pods do not start",
			Remedy: "have the right to list events added to yours, if you want to see it",
		}
	}
	return checkOK(name, "you may read why pods do not start")
}
