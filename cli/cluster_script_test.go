package cli

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// TestClusterScripts runs command lines against a cluster of the test kit, one for each script. The program is in this very
// process, as are its pods.
func TestClusterScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/cluster", RequireExplicitExec: true, UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Values[lab{}] = newLab(t)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"calls": calls, "awaits": awaits, "releases": releases, "ends": ends},
	})
}

// lab is a cluster and a pipeline whose first step can fail and hang.
type lab struct {
	cluster  *k8sorchtest.Cluster
	pipeline *pipeline.Pipeline
	hanging  chan struct{}
	release  chan struct{}
	last     *pipeline.Step[string]
}

func newLab(t *testing.T) *lab {
	l := &lab{hanging: make(chan struct{}, 1), release: make(chan struct{})}
	mood := pipeline.Param("mood", "fine").Usage("fine, bad or slow")
	load := pipeline.Func("load", func(ctx context.Context, mood string) (int, error) {
		switch mood {
		case "bad":
			return 0, errors.New("there are no rows")
		case "slow":
			l.hanging <- struct{}{}
			select {
			case <-l.release:
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
		}
		return 3, nil
	}, mood)
	l.last = pipeline.Func("report", func(_ context.Context, rows int) (string, error) { return strconv.Itoa(rows) + " rows", nil }, load)
	l.pipeline = pipeline.New("train").Step(l.last)
	l.cluster = k8sorchtest.New(t, l.pipeline)
	return l
}

// calls is the script command "calls CODE ARG...": it calls the program. The id that submit prints becomes $RUN.
func calls(ts *testscript.TestScript, _ bool, args []string) {
	l, _ := ts.Value(lab{}).(*lab)
	prog := newProgram(l.pipeline,
		WithConfig(pipeline.Config{Settings: pipeline.KubernetesOrchestratorSettings{Image: new("example.com/train:1")}}),
		With(pipeline.WithClientset(l.cluster.Clientset())),
		Report(func(ctx context.Context, run *pipeline.Run) error {
			text, err := l.last.Result(ctx, run)
			if err == nil {
				_, err = ts.Stdout().Write([]byte(text + "\n"))
			}
			return err
		}))
	var out bytes.Buffer
	prog.name = invocation{name: "train", command: "train"}
	prog.args, prog.stdout, prog.stderr, prog.screen = append([]string{}, args[1:]...), &out, ts.Stderr(), nil
	prog.getenv = func(string) string { return "" }
	code := prog.main(l.cluster.Context(context.Background()))
	_, err := ts.Stdout().Write(out.Bytes())
	ts.Check(err)
	if args[1] == "submit" {
		ts.Setenv("RUN", strings.TrimSpace(out.String()))
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// ends is the script command "ends": it returns once the Job of $RUN has ended, which is a moment after the run.
func ends(ts *testscript.TestScript, _ bool, _ []string) {
	l, _ := ts.Value(lab{}).(*lab)
	jobs := l.cluster.Clientset().BatchV1().Jobs(k8sorchtest.Namespace)
	w, err := jobs.Watch(context.Background(), metav1.ListOptions{})
	ts.Check(err)
	defer w.Stop()
	for {
		job, err := jobs.Get(context.Background(), ts.Getenv("RUN"), metav1.GetOptions{})
		ts.Check(err)
		if len(job.Status.Conditions) > 0 {
			return
		}
		<-w.ResultChan()
	}
}

// awaits is the script command "awaits": it returns once the slow step runs.
func awaits(ts *testscript.TestScript, _ bool, _ []string) {
	l, _ := ts.Value(lab{}).(*lab)
	<-l.hanging
}

// releases is the script command "releases": it lets the slow step go on.
func releases(ts *testscript.TestScript, _ bool, _ []string) {
	l, _ := ts.Value(lab{}).(*lab)
	close(l.release)
}
