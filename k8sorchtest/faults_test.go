package k8sorchtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/k8sorchtest"
)

// trouble is a pipeline of the one step "train", whose first attempt calls befall and waits for its end.
func trouble(befall func()) *pipeline.Pipeline {
	return pipeline.New("trouble").Step(pipeline.Func0("train", func(ctx context.Context) (int, error) {
		if pipeline.AttemptInfo(ctx).Attempt == 1 {
			befall()
			<-ctx.Done()
			return 0, context.Cause(ctx)
		}
		return 1, nil
	}))
}

// ends returns how the attempts of a run ended that have a record of their own: those that did not succeed.
func ends(t *testing.T, c *k8sorchtest.Cluster, run string) (all []string) {
	t.Helper()
	list, err := c.Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{
		LabelSelector: kube.LabelRun + "=" + run + "," + kube.LabelRecord + "=" + kube.RecordAttempt,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range list.Items {
		for _, text := range cm.Data {
			var a record.Attempt
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%s, %s: %s", a.End.Outcome, a.End.Reason, a.End.Message))
		}
	}
	return all
}

// TestPodsThatAreTakenAway shows that an attempt which is taken away costs the step nothing but time.
func TestPodsThatAreTakenAway(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		befall func(*k8sorchtest.Cluster)
		why    string
	}{
		"evicted":      {func(c *k8sorchtest.Cluster) { c.Evict("train") }, "Lost, Evicted: The node was low on resource: memory."},
		"node lost":    {func(c *k8sorchtest.Cluster) { c.LoseNode("train") }, "Lost, DeletionByPodGC: PodGC: node no longer exists"},
		"deleted":      {func(c *k8sorchtest.Cluster) { c.DeletePod("train") }, "Lost, Vanished: it is gone from the cluster and left neither a result nor a reason"},
		"orchestrator": {func(c *k8sorchtest.Cluster) { c.KillOrchestrator(); c.Evict("train") }, "Lost, Evicted: The node was low on resource: memory."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var c *k8sorchtest.Cluster
				p := trouble(func() { tt.befall(c) })
				c = k8sorchtest.New(t, p)
				run, err := c.Run(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				if s, _ := run.Step("train"); s.Attempts != 2 {
					t.Errorf("the step had %d attempts, want 2", s.Attempts)
				}
				if diff := cmp.Diff([]string{tt.why}, ends(t, c, run.ID)); diff != "" {
					t.Errorf("why there was another attempt (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestPodsThatDoNotStart shows that the next pods of a step are held back, as many as are said, and what the run then makes
// of it.
func TestPodsThatDoNotStart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hold func(*k8sorchtest.Cluster)
		want pipeline.StepRun
	}{
		"refused image": {
			func(c *k8sorchtest.Cluster) { c.RefuseImage("train", 1) },
			pipeline.StepRun{
				Outcome: pipeline.NotStarted, Attempts: 1, Reason: "ImagePullBackOff", Message: `Back-off pulling the image of step "train"`,
			},
		},
		"no node for a while": {
			func(c *k8sorchtest.Cluster) { c.MakeUnschedulable("train", 2) },
			pipeline.StepRun{Outcome: pipeline.Succeeded, Attempts: 3},
		},
		"no node": {
			func(c *k8sorchtest.Cluster) { c.MakeUnschedulable("train", k8sorchtest.Always) },
			pipeline.StepRun{
				Outcome: pipeline.NotStarted, Attempts: 4, Reason: "StartupTimeout",
				Message: "it did not start within 10m0s; last seen: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := pipeline.New("p").Step(pipeline.Func0("train", func(context.Context) (int, error) { return 1, nil }))
				c := k8sorchtest.New(t, p)
				tt.hold(c)
				run, _ := c.Run(t.Context(), p)
				tt.want.Name = "train"
				got, _ := run.Step("train")
				if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(pipeline.StepRun{}, "UID", "Started", "Finished", "Size", "Log"),
					cmpopts.IgnoreUnexported(pipeline.StepRun{})); diff != "" {
					t.Errorf("step (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCallsThatFail shows that a run outlasts errors of the API server. The orchestrator is killed as well, so that another
// begins with watches of its own.
func TestCallsThatFail(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"too many requests": apierrors.NewTooManyRequests("slow down", 1),
		"internal error":    apierrors.NewInternalError(errors.New("etcd has no leader")),
		"timeout":           apierrors.NewTimeoutError("try again", 1),
		"network":           errors.New("connection reset by peer"),
	} {
		for _, resource := range []string{"pods", "configmaps"} {
			t.Run(name+" "+resource, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { outlastCalls(t, "create", resource, 3, err) })
			})
		}
	}
}

// TestViewsThatFail is not in a bubble, where they would not be asked for again.
func TestViewsThatFail(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"list", "watch"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			outlastCalls(t, verb, "pods", 1, apierrors.NewInternalError(errors.New("etcd has no leader")))
		})
	}
}

// outlastCalls has so many calls fail while a step runs whose pod is taken away, and fails the test unless they are made again
// and the run succeeds.
func outlastCalls(t *testing.T, verb, resource string, times int, failure error) {
	t.Helper()
	var c *k8sorchtest.Cluster
	var before int
	p := trouble(func() {
		before = len(c.Clientset().Actions())
		c.FailCalls(verb, resource, times, failure)
		c.KillOrchestrator()
		c.Evict("train")
	})
	c = k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := run.Step("train"); s.Attempts != 2 {
		t.Errorf("the step had %d attempts, want 2", s.Attempts)
	}
	if made := calls(c.Clientset().Actions()[before:], verb, resource); made <= times {
		t.Errorf("%d such calls were made, want more than the %d that fail", made, times)
	}
}

// calls counts the calls with a verb on a resource.
func calls(actions []clienttesting.Action, verb, resource string) (made int) {
	for _, a := range actions {
		if a.GetVerb() == verb && a.GetResource().Resource == resource {
			made++
		}
	}
	return made
}

func TestCallsThatFailForTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("a", func(context.Context) (int, error) { return 1, nil }))
		c := k8sorchtest.New(t, p)
		refused := apierrors.NewInternalError(errors.New("etcd has no leader"))
		c.FailCalls("create", "jobs", k8sorchtest.Always, refused)
		if _, err := c.Run(t.Context(), p); !errors.Is(err, refused) {
			t.Errorf("Run() = %v, want %v", err, refused)
		}
		if jobs := c.Jobs(); len(jobs) != 0 {
			t.Errorf("%d Jobs were made, want none", len(jobs))
		}
	})
}

func TestFaultsNeedAPodThatRuns(t *testing.T) {
	t.Parallel()
	test := &failing{T: t}
	c := k8sorchtest.New(test, newHeavy().Pipeline)
	c.Evict("none")
	c.LoseNode("one")
	c.DeletePod("two")
	want := []string{
		`taking a pod of step "none" away: none is running`, `taking a pod of step "one" away: none is running`,
		`deleting a pod of step "two": none is running`,
	}
	if diff := cmp.Diff(want, test.said); diff != "" {
		t.Errorf("the test fails with (-want +got):\n%s", diff)
	}
}

// TestLongTimesPassAtOnce is about virtual time: in a bubble of testing/synctest, days of a run pass as soon as everything
// waits for them.
func TestLongTimesPassAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		nap := pipeline.Func0("nap", func(ctx context.Context) (int, error) {
			time.Sleep(24 * time.Hour)
			if pipeline.AttemptInfo(ctx).Attempt == 1 {
				return 0, errors.New("overslept")
			}
			return 1, nil
		}).Retry(pipeline.Retry{MaxRetries: 1, Delay: time.Hour})
		p := pipeline.New("p").Step(nap)
		c := k8sorchtest.New(t, p)
		began := time.Now()
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if took := run.Finished.Sub(began).Truncate(time.Minute); took != 49*time.Hour {
			t.Errorf("the run took %s, want 49h: two naps and the delay between them", took)
		}
		// Who polls makes days of virtual time long in real time.
		if made := len(c.Clientset().Actions()); made > 500 {
			t.Errorf("%d calls were made, want few: something polls", made)
		}
	})
}

func TestDeadlineOfARunInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("stuck", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}))
		began := time.Now()
		run, err := k8sorchtest.New(t, p).Run(t.Context(), p,
			pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{RunDeadline: new(7 * 24 * 3600)}))
		if err == nil || run.Outcome != pipeline.Stopped {
			t.Errorf("the run ended as %s, %v, want it stopped", run.Outcome, err)
		}
		if took := run.Finished.Sub(began).Truncate(time.Hour); took != 7*24*time.Hour {
			t.Errorf("the run took %s, want the week of its deadline", took)
		}
	})
}

// TestJobControllerDoesNotFail has the client's patches of Jobs fail, of which the kit makes some in the place of the Job controller.
func TestJobControllerDoesNotFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c *k8sorchtest.Cluster
		p := pipeline.New("p").Step(pipeline.Func0("a", func(context.Context) (int, error) {
			c.FailCalls("patch", "jobs", k8sorchtest.Always, apierrors.NewInternalError(errors.New("etcd has no leader")))
			return 1, nil
		}))
		c = k8sorchtest.New(t, p)
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		job, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).Get(t.Context(), run.ID, metav1.GetOptions{})
		if err != nil || job.Status.Ready == nil || *job.Status.Ready != 0 {
			t.Errorf("Job %+v, %v, want no pod of it ready", job, err)
		}
	})
}
