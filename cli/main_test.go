package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/org/k8sorch"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func TestMain(m *testing.M) {
	testscript.Main(leakTested{m}, map[string]func(){
		"train": trainProgram, "broken": brokenProgram, "privileged": privilegedProgram, "caching": cachingProgram, "hooked": hookedProgram,
		"several": severalProgram, "observed": observedProgram,
	})
}

// leakTested adds to the tests that no goroutine is left.
type leakTested struct{ tests *testing.M }

func (l leakTested) Run() int {
	code := l.tests.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// golden compares got with the file testdata/name, which -update rewrites.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// stand is a program whose runs are played, and what it has printed.
type stand struct {
	*program
	out, err bytes.Buffer
	// config is that of the last run, signals go to the program, exits are those of the second signal.
	config  pipeline.Config
	signals chan<- os.Signal
	exits   chan int
}

// newStand returns a program for a pipeline with a few parameters, whose orchestrator is played by r.
func newStand(r *player, opts ...Option) *stand {
	s := &stand{program: newProgram(samplePipeline(), opts...), exits: make(chan int, 1)}
	s.name = invocation{name: "train", command: "./train"}
	s.stdout, s.stderr, s.screen = &s.out, &s.err, nil
	s.getenv = func(string) string { return "" }
	s.now = func() time.Time { return noon }
	s.exit = func(code int) { s.exits <- code }
	s.notify = func(c chan<- os.Signal) func() {
		s.signals = c
		return func() {}
	}
	s.connect = func(config pipeline.Config, events func(pipeline.Event)) runner {
		s.config = config
		r.events, r.interrupt = events, func() { s.signals <- os.Interrupt }
		return r
	}
	return s
}

// call runs the command line.
func (s *stand) call(args ...string) int {
	// Not nil: cobra would take the arguments of this process.
	s.args = append([]string{}, args...)
	return s.main(context.Background())
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func samplePipeline() *pipeline.Pipeline {
	rows := pipeline.Param("rows", 1000).Usage("load at most this many rows")
	name := pipeline.Param("name", "penguins")
	pause := pipeline.Param("pause", 90*time.Second)
	rate := pipeline.Param("rate", 0.5)
	dry := pipeline.Param("dry", false)
	tags := pipeline.Param("tags", []string{"a"})
	image := pipeline.Param("image", "plot.svg").Usage("where the picture goes")
	first := pipeline.Func3("first", func(context.Context, int, string, time.Duration) (int, error) { return 1, nil }, rows, name, pause)
	middle := pipeline.Func3("middle", func(context.Context, float64, bool, []string) (int, error) { return 1, nil }, rate, dry, tags)
	last := pipeline.Func("last", func(context.Context, string) (int, error) { return 1, nil }, image)
	return pipeline.New("train").Step(first, middle, last)
}

// player plays an orchestrator.
type player struct {
	submit func(ctx context.Context, p *player) error
	wait   func(ctx context.Context, p *player) (*pipeline.Run, error)
	render func(ctx context.Context) ([]byte, error)

	events    func(pipeline.Event)
	interrupt func()
	given     []pipeline.RunOption
	// retried is the run that was retried.
	retried string
}

func (p *player) Run(ctx context.Context, _ *pipeline.Pipeline, opts ...pipeline.RunOption) (*pipeline.Run, error) {
	p.given = opts
	if p.submit != nil {
		if err := p.submit(ctx, p); err != nil {
			return nil, err
		}
	}
	if p.wait == nil {
		return ranWith(pipeline.Succeeded), nil
	}
	return p.wait(ctx, p)
}

func (p *player) Retry(ctx context.Context, pipe *pipeline.Pipeline, run string, opts ...pipeline.RunOption) (*pipeline.Run, error) {
	p.retried = run
	return p.Run(ctx, pipe, opts...)
}

func (p *player) Render(ctx context.Context, _ *pipeline.Pipeline, opts ...pipeline.RunOption) ([]byte, error) {
	p.given = opts
	return p.render(ctx)
}

func (p *player) RBAC(context.Context, *pipeline.Pipeline, ...pipeline.RunOption) ([]byte, error) {
	return []byte("kind: ServiceAccount\n"), nil
}

func (p *player) SubmitterRBAC(_ context.Context, _ *pipeline.Pipeline, user string, _ ...pipeline.RunOption) ([]byte, error) {
	return []byte("user: " + user + "\n"), nil
}

func ranWith(o pipeline.Outcome) *pipeline.Run {
	return &pipeline.Run{
		ID: "train-1", Pipeline: "train", Outcome: o, Submitted: noon, Finished: noon.Add(3 * time.Second),
		Steps: []pipeline.StepRun{{Name: "first", Outcome: o, Attempts: 1, Started: noon, Finished: noon.Add(2 * time.Second)}},
	}
}
