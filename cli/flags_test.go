package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/org/k8sorch"
)

func TestFlagsRefineTheConfig(t *testing.T) {
	t.Parallel()
	base := pipeline.Config{
		Context: "code", Registry: "code/registry", Args: []string{},
		Settings: pipeline.KubernetesOrchestratorSettings{BaseImage: new("code/base"), Privileged: new(true)},
	}
	with := func(change func(*pipeline.Config)) pipeline.Config {
		c := base
		change(&c)
		return c
	}
	tests := []struct {
		args string
		want pipeline.Config
	}{
		{"", base},
		{"run", base},
		{"--context dev", with(func(c *pipeline.Config) { c.Context = "dev" })},
		{"--kubeconfig k run", with(func(c *pipeline.Config) { c.Kubeconfig = "k" })},
		{"run --in-cluster", with(func(c *pipeline.Config) { c.InCluster = true })},
		{"-n ml", with(func(c *pipeline.Config) { c.Namespace = "ml" })},
		{"--create-namespace", with(func(c *pipeline.Config) { c.CreateNamespace = true })},
		{"run --local", with(func(c *pipeline.Config) { c.Local = true })},
		{"--skip-local-validations", with(func(c *pipeline.Config) { c.SkipLocalValidations = true })},
		{"--registry r/x", with(func(c *pipeline.Config) { c.Registry = "r/x" })},
		{"--platform linux/arm64", with(func(c *pipeline.Config) { c.Platform = "linux/arm64" })},
		{"--artifacts s3://b", with(func(c *pipeline.Config) { c.Artifacts = "s3://b" })},
		{"--dir d", with(func(c *pipeline.Config) { c.Dir = "d" })},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			s := newStand(&player{}, WithConfig(base))
			if code := s.call(strings.Fields(test.args)...); code != ExitSucceeded {
				t.Fatalf("exit code %d; stderr:\n%s", code, &s.err)
			}
			if diff := cmp.Diff(test.want, s.config); diff != "" {
				t.Errorf("the configuration differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		// wrong is a part of the error; empty where there is none.
		wrong string
		given int
	}{
		{[]string{}, "", 0},
		{[]string{"--rows", "5", "--rows", "6"}, "", 2},
		{[]string{"--rows", "-5"}, "", 1},
		{[]string{"--rows", "1.5"}, `invalid argument "1.5" for "--rows" flag: give a whole number, such as 1000`, 0},
		{[]string{"--rows", "null"}, "give a whole number", 0},
		{[]string{"--name", "any text\n"}, "", 1},
		{[]string{"--pause", "1h30m"}, "", 1},
		{[]string{"--pause", "90"}, "give a duration, such as 1m30s", 0},
		{[]string{"--rate", "1e-3"}, "", 1},
		{[]string{"--rate", "half"}, "give a number, such as 0.5", 0},
		{[]string{"--dry"}, "", 1},
		{[]string{"--dry=false"}, "", 1},
		{[]string{"--dry=perhaps"}, "give true or false, such as false", 0},
		{[]string{"--tags", `["a", "b"]`}, "", 1},
		{[]string{"--tags", "a,b"}, `give JSON, such as '["a"]'`, 0},
		{[]string{"--param", "rows=5", "--param", "image=a=b"}, "", 2},
		{[]string{"--param", "rows=five"}, "give a whole number, such as 1000", 0},
		{[]string{"--param", "rows"}, "give a name and a value, such as rows=1000", 0},
		{[]string{"--param", "rwos=5"}, `there is no parameter "rwos"; there are rows, name, pause, rate, dry, tags, image`, 0},
	}
	for _, verb := range []string{"run", "render"} {
		for _, test := range tests {
			t.Run(verb+" "+strings.Join(test.args, " "), func(t *testing.T) {
				t.Parallel()
				play := &player{render: func(context.Context) ([]byte, error) { return nil, nil }}
				s := newStand(play)
				code := s.call(append([]string{verb}, test.args...)...)
				if wrong := code == ExitUsage; wrong != (test.wrong != "") || !strings.Contains(s.err.String(), test.wrong) {
					t.Errorf("exit code %d, stderr:\n%s\nwant in it %q", code, &s.err, test.wrong)
				}
				if len(play.given) != test.given {
					t.Errorf("%d values were given, want %d", len(play.given), test.given)
				}
			})
		}
	}
}

func TestFlagsOfTheCommandLineComeFirst(t *testing.T) {
	t.Parallel()
	s := newStand(&player{})
	s.call("--help")
	if want := "the only way to set image (string, default plot.svg), since --image is something else"; !strings.Contains(s.out.String(), want) {
		t.Errorf("help:\n%s\nwant in it %q", &s.out, want)
	}
}

func TestSettingsOfTheCommandLineWinOverThePipeline(t *testing.T) {
	t.Parallel()
	image := func(ref string) pipeline.KubernetesOrchestratorSettings {
		return pipeline.KubernetesOrchestratorSettings{Image: &ref}
	}
	one := func(context.Context) (int, error) { return 1, nil }
	s := newStand(&player{})
	s.pipeline = pipeline.New("p").Settings(image("the/pipelines")).Step(
		pipeline.Func0("a", one), pipeline.Func0("b", one).Settings(image("the/steps")))
	s.connect = func(config pipeline.Config, _ func(pipeline.Event)) runner {
		return orchestrator{s.orchestrator(config)}
	}
	if code := s.call("render", "--image", "the/flags"); code != ExitSucceeded {
		t.Fatalf("exit code %d; stderr:\n%s", code, &s.err)
	}
	for ref, want := range map[string]int{"the/pipelines": 0, "the/flags": 2, "the/steps": 1} {
		if got := strings.Count(s.out.String(), "image: "+ref+"\n"); got != want {
			t.Errorf("%d pods run %s, want %d", got, ref, want)
		}
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want []string
	}{
		{[]string{"--kubeconfig", "testdata/kubeconfig", "--context", ""}, []string{"kind-dev", "prod"}},
		{[]string{"run", "--output", ""}, []string{"text", "json"}},
		{[]string{"--platform", ""}, []string{"linux/amd64", "linux/arm64"}},
		{[]string{"--dry="}, []string{"true", "false"}},
		{[]string{"--rows", ""}, nil},
		{[]string{"re"}, []string{"render", "retry"}},
		{[]string{"run", "--ta"}, []string{"--tags"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			s := newStand(&player{})
			if code := s.call(append([]string{"__completeNoDesc"}, test.args...)...); code != ExitSucceeded {
				t.Fatalf("exit code %d; stderr:\n%s", code, &s.err)
			}
			words := strings.Fields(s.out.String())
			if diff := cmp.Diff(test.want, words[:len(words)-1:len(words)-1], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("the words differ (-want +got):\n%s", diff)
			}
		})
	}
}
