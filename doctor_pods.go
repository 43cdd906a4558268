package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/image"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/record"
)

const applyRBAC = "have somebody apply what Orchestrator.RBAC returns and the command rbac prints"

// serviceAccounts checks those that runs use. Ones that the library makes may be missing, for somebody who may make them.
func (c *checkup) serviceAccounts(ctx context.Context) Check {
	const name = "accounts"
	if err := c.checkAccount(ctx, c.conn); err != nil {
		return checkFailed(name, err, "")
	}
	missing, err := kube.MissingAccounts(ctx, c.conn.Client, c.conn.Namespace, c.accounts()...)
	if err != nil {
		return Check{Name: name, Result: CheckWarn, Message: err.Error()}
	}
	if len(missing) == 0 {
		return checkOK(name, "the service accounts are there")
	}
	c.accountless = true
	what := "not there yet: " + strings.Join(missing, ", ")
	lacking, err := kube.MissingRights(ctx, c.conn.Client, c.conn.Namespace, kube.AccountRules())
	switch {
	case err != nil:
		return Check{Name: name, Result: CheckWarn, Message: what, Remedy: applyRBAC}
	case len(lacking) > 0:
		return checkFailed(name, fmt.Errorf("%s; you may not %s", what, strings.Join(lacking, ", ")), applyRBAC)
	}
	return checkOK(name, "%s; the first run makes them", what)
}

// image checks that the run's images can be pushed. Whether the nodes can pull them is theirs to know.
func (c *checkup) image(ctx context.Context) Check {
	const name = "image"
	var given []string
	for _, src := range c.imageSources() {
		if src.image != "" {
			given = append(given, src.image)
		}
	}
	switch {
	case len(given) == len(c.imageSources()):
		return checkOK(name, "given: %s", strings.Join(given, ", "))
	case c.config.Registry == "":
		return checkFailed(name, errNoRegistry, "")
	}
	pusher := image.Pusher{}
	if err := pusher.Check(ctx, c.imageTarget(imageSource{})); err != nil {
		return checkFailed(name, err, "")
	}
	return checkOK(name, "%s takes images", c.config.Registry)
}

// admission has the namespace judge the pods.
func (c *checkup) admission(ctx context.Context) Check {
	const name = "pods"
	unjudged := func(why string) Check {
		return Check{Name: name, Result: CheckWarn, Message: "not judged: " + why}
	}
	if i := slices.IndexFunc(c.checks, func(done Check) bool {
		return done.Result == CheckFail && (done.Name == "pipeline" || done.Name == "image")
	}); i >= 0 {
		return unjudged("see " + c.checks[i].Name)
	}
	missing, err := kube.MissingRights(ctx, c.conn.Client, c.conn.Namespace, kube.PodRules())
	switch {
	case err != nil:
		return unjudged(err.Error())
	case len(missing) > 0:
		return unjudged("you may not create pods; the first pods of a run will tell")
	case c.accountless:
		return unjudged("their service accounts are not there yet")
	}
	images, err := c.imagesToCome()
	if err != nil {
		return checkFailed(name, err, "")
	}
	_, spec, err := c.objects(c.conn.Namespace, images)
	if err == nil {
		err = spec.Judge(ctx, c.conn.Client)
	}
	if err != nil {
		return checkFailed(name, err, "")
	}
	level := kube.EnforcedLevel(ctx, c.conn.Client, c.conn.Namespace)
	if level == "" {
		return checkOK(name, "the namespace admits them")
	}
	return checkOK(name, "the namespace admits them, at Pod Security level %s", level)
}

// artifacts checks that the store answers, where this process can ask it.
func (c *checkup) artifacts(ctx context.Context) Check {
	const name = "artifacts"
	if c.config.Artifacts == "" {
		return checkOK(name, "no store: values may have up to %d KiB", record.MaxInline>>10)
	}
	where := artifact.RedactURL(c.config.Artifacts)
	if location, err := artifact.ParseURL(c.config.Artifacts); err == nil {
		return Check{Name: name, Result: CheckWarn, Message: fmt.Sprintf("%s is seen by pods only, and was not looked at", location)}
	}
	store, err := c.store(ctx, c.config.Artifacts)
	if err == nil {
		_, err = artifact.Stat(ctx, store, artifact.Sum(nil))
	}
	if err != nil && !errors.Is(err, artifact.ErrNotFound) {
		return checkFailed(name, err, "see that the store exists and that your credentials are for it")
	}
	return checkOK(name, "%s can be reached", where)
}
